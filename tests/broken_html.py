"""Pages of odd tags and texts, most of them broken."""

from hypothesis import strategies as st

TAGS_AND_TEXTS = st.lists(
    st.sampled_from(
        """
        <p> </p> <div| class="a-Box|x"> </div> <span> </span> <a| href="/x/News-desk?y=1&amp;z">
        <a| href="http://q.example/A/b/c-d#e"> <a| href="//h.example"> <a| href="x.html"> <a> </a>
        <a| href="https://h.example/?q"> <a| href="/a//b/"> <a| href="tel:1"> <a| href=""> <b> </b>
        <br> <br/> <i| id=q> </i> <em> <time> </time> <small> <label> </label> <ul><li> </ul>
        <table><tr><td> </table> <p| hidden> <div| style="display:|none">
        <span| style="DISPLAY:none;x">
        <script>a<b</script> <style>x</style> <img| src=x> <h1> </h1> <article> </article> <nav>
        <x-y| z"q=1| class="HTMLPage"> <p| a<b="x"| class="AbC-def"> <p| "=="x"| class=u> <a"b| c=d>
        </a"b> <svg:path| class=x> <!--c--> <![CDATA[x<y]]> <?php|x|?> <input> <form| name=n>
        <title>t</title> <textarea><b></textarea> <p| class=""> <span| class=""> <span| id=s>
        <p| class="|a&quot;b|&amp;|&lt;x&gt;|">
        <body| class=z> <body| hidden>
        <html| lang=x| class=y> </body> </html> <head> <wbr> <p| a='"'| id="x/">
        <p| class=x=> <div/> <x-y> </x-y> <button> </button> <pre> </pre> <noscript> </noscript>
        <sub> </sub> <dialog> </dialog> <template| shadowrootmode=open> </template> |one| two.
        <section| hidden> <p| title="a://b"> <section| role=main| aria-label="NewsBox|menu-menu">
        x hello | || é 日本語 \u3000 \u2028 \u200b &nbsp; &amp; &lt; &gt; " ' > < =|" a|b 1 / &#13;
        &#x85; &#11; &copy; &foo; &#0; "=" "/>
        """.split()
    ).map(lambda piece: piece.replace("|", " ")),
    max_size=40,
).map("".join)
