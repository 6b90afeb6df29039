"""Sentences that papers put between the paragraphs of a story and that are none of it.

All are written for this project. Figures alone are taken with them: nothing is trained on them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from cleaner.labels import ID

_KINDS = {
    "newsletter": ("sponsored", (("div", "newsletter-signup"), ("p", ""))),
    "pitch": ("sponsored", (("aside", "promo-box"), ("p", ""))),
    "biography": ("boilerplate", (("div", "author-bio"), ("p", ""))),
    "notice": ("boilerplate", (("div", "site-notice"), ("p", ""))),
    "caption": ("caption", (("figure", "article-image"), ("figcaption", "image-caption"))),
    "teaser": ("related-links", (("div", "related-articles"), ("p", ""))),
    "comment": ("boilerplate", (("div", "comment-body"), ("p", ""))),
}


class Sentence(NamedTuple):
    """A sentence of one of some kinds."""

    kind: str
    text: str

    @property
    def label(self) -> int:
        """The id of its label."""
        return ID[_KINDS[self.kind][0]]

    @property
    def elements(self) -> tuple[tuple[str, str], ...]:
        """Elements that tell what it is, as `tree.Line` takes them."""
        return _KINDS[self.kind][1]


_WRITTEN = {
    "en": (
        ("newsletter", "Every Friday our politics desk sends out the five stories that mattered "
         "this week, with what to expect from the next one. Enter your email address and it is "
         "yours."),
        ("newsletter", "Enjoying this piece? Get our morning briefing, free, in your inbox at "
         "six."),
        ("newsletter", "For more reporting like this from the Weldon valley, sign up to The "
         "Ridge Letter, our free weekly email about the hills and the people in them."),
        ("pitch", "We have no owner and no shareholders, only readers. If you can spare as "
         "little as two dollars a month, it keeps reporting like this free for everyone."),
        ("pitch", "Our winter appeal ends on Sunday and we are still a third short. A gift of "
         "any size will be doubled by the Harrow Family Fund until midnight."),
        ("pitch", "Members of the Courier Circle read without advertising, vote on what we "
         "investigate next and meet the editors twice a year. Join today for the price of a "
         "sandwich."),
        ("pitch", "Become a Friend of the Beacon and get unlimited access to our archive, which "
         "goes back to 1911, together with a tote bag that our cartoonist drew."),
        ("pitch", "Breaking news finds you first in our app, free in the App Store and on Google "
         "Play."),
        ("pitch", "Reading on your phone? The Herald app saves stories for the tunnel, remembers "
         "where you stopped, and uses half the data of this page."),
        ("pitch", "Listen to our daily podcast, Before the Bell, in which Nadia Orr and Phil "
         "Castle talk through the day's biggest story in eleven minutes, wherever you get your "
         "podcasts."),
        ("pitch", "Hear the full conversation in this week's episode of our podcast, Second "
         "Draft."),
        ("pitch", "Join us at the Mill on 14 March for an evening with our science editors: "
         "three short talks, one long argument, and wine. Tickets cost 12 pounds, students pay "
         "half."),
        ("pitch", "On Thursday at 7 p.m. our correspondents will answer your questions live. "
         "Subscribers may submit theirs in advance and watch the recording afterwards."),
        ("biography", "Marian Tolley has covered schools and city hall for the Tribune since "
         "2014."),
        ("biography", "The writer is a professor of economic history at Saint Alban's College "
         "and a former adviser to the central bank. The views expressed here are her own."),
        ("biography", "Owen Pratt is a senior reporter on the investigations team. He grew up in "
         "Cork, speaks bad Portuguese, and won the Lister Prize for local journalism in 2021."),
        ("notice", "Got a tip about this story? Write to our reporters in confidence at "
         "tips@weldoncourier.example."),
        ("notice", "Letters to the editor should be no longer than 200 words and must carry a "
         "full name, a postal address and a daytime telephone number."),
        ("notice", "A version of this article appears in print on page B4 of the national "
         "edition."),
        ("notice", "Copyright 2024 Weldon Valley Publishing. All rights reserved."),
        ("notice", "We and our partners store information on your device, such as cookies, in "
         "order to measure how our pages are used. You can change your choice at any time."),
        ("notice", "Already have an account? Log in to go on reading where you left off."),
        ("notice", "You have read three of your four free articles this month."),
        ("notice", "Your browser can't play this video. Please update it, switch on JavaScript, "
         "or follow the link below to watch the clip on another page."),
        ("notice", "(Reporting by Lena Marsh in Oslo and Tomas Reyes in Lima; additional "
         "reporting by Ade Bello; editing by Ruth Kane)"),
        ("caption", "A volunteer hands out bottled water outside the Dunmore sports hall on "
         "Tuesday morning. Photograph: Inga Soler for the Courier."),
        ("caption", "From left, council members Pat Lowry, Jean Abara and Cole Whitman listen to "
         "testimony at the special session on Monday night. (Dana Fisk, staff photographer)"),
        ("teaser", "Read next: the brothers who bought a lighthouse for one crown."),
        ("teaser", "Last month we reported on the hospital that ran out of nurses within a week; "
         "that story, with its interactive map, can be found here."),
        ("teaser", "Also in this section: why rents in Port Ellery fell for the first time in a "
         "decade, and seven charts that explain the budget."),
        ("pitch", "His book The Slow Canal: A Life on Narrow Water was published by Fenwick and "
         "Lowe in May and is available in paperback for 9.99."),
        ("pitch", "Subscribe now and save 60 percent: six months of full digital access for one "
         "dollar a week, with the crossword, recipes and the weekend magazine included. Cancel "
         "anytime."),
        ("comment", "I have lived two streets from there for forty years and nobody ever asked "
         "us anything. Typical of this council, and I bet nothing changes. 14 people liked this."),
        ("pitch", "To keep reading, create a free account. It takes less than a minute, needs no "
         "credit card, and lets you save articles and follow the topics you care about."),
    ),
    "de": (
        ("newsletter", "Was in der Region wirklich wichtig war, fasst unser Newsletter „Die "
         "Woche am Fluss“ jeden Samstag zusammen. Jetzt kostenlos anmelden und nichts mehr "
         "verpassen."),
        ("newsletter", "Dieser Text stammt aus unserem Newsletter. Hier können Sie ihn kostenlos "
         "abonnieren."),
        ("pitch", "Guter Journalismus kostet Geld, und wir verzichten auf Bezahlschranken. Wenn "
         "Ihnen dieser Artikel etwas wert war, freuen wir uns über eine Spende in beliebiger "
         "Höhe."),
        ("pitch", "Werden Sie Mitglied im Freundeskreis der Rundschau: Sie lesen ohne Werbung, "
         "reden bei den Themen mit und treffen die Redaktion zweimal im Jahr zum Gespräch."),
        ("pitch", "Noch schneller informiert sind Sie mit unserer App: jetzt kostenlos "
         "herunterladen."),
        ("pitch", "Im Podcast „Nachspielzeit“ sprechen Jonas Behr und Mira Kling jeden Dienstag "
         "über den Spieltag. Zu hören überall, wo es Podcasts gibt."),
        ("pitch", "Diskutieren Sie mit: Am 9. Oktober lädt die Redaktion um 19 Uhr zum "
         "Leserabend in die Alte Brauerei ein. Der Eintritt ist für Abonnenten frei."),
        ("biography", "Katrin Oelmann, Jahrgang 1979, ist Redakteurin im Ressort Wirtschaft und "
         "lebt in Kassel."),
        ("biography", "Der Autor lehrt Verfassungsrecht an der Universität Marburg und war bis "
         "2019 Richter am Oberverwaltungsgericht. Er gibt hier seine persönliche Meinung wieder."),
        ("notice", "Haben Sie Hinweise zu diesem Thema? Schreiben Sie unserem Rechercheteam "
         "vertraulich an hinweise@rundschau.example oder rufen Sie uns werktags zwischen neun "
         "und siebzehn Uhr an."),
        ("notice", "Dieser Artikel erschien zuerst in der gedruckten Ausgabe vom 12. Mai auf "
         "Seite 7 unter der Überschrift „Warten auf den Bagger“."),
        ("notice", "Alle Rechte vorbehalten. Nachdruck nur mit schriftlicher Genehmigung des "
         "Verlags."),
        ("notice", "An dieser Stelle finden Sie einen externen Inhalt, der den Artikel ergänzt. "
         "Sie können ihn sich mit einem Klick anzeigen lassen; dabei werden Cookies gesetzt."),
        ("notice", "Sie haben bereits ein Benutzerkonto? Dann melden Sie sich mit Ihrer "
         "Mailadresse und Ihrem Passwort an, um diesen Beitrag weiterzulesen."),
        ("notice", "Sie haben in diesem Monat vier von fünf kostenlosen Artikeln gelesen."),
        ("caption", "Bürgermeisterin Helga Thoms und Bauleiter Uwe Sand am Freitag vor dem "
         "eingerüsteten Rathausturm in Lengsfeld. Foto: Nils Hartwig"),
        ("teaser", "Lesen Sie auch: Warum die Störche in diesem Jahr drei Wochen früher kamen"),
        ("notice", "(Bericht von Anja Kreuz und Stefan Moll, Mitarbeit Lea Brandt, redigiert von "
         "Paul Hennig. Rückfragen bitte an die Redaktion in Hannover)"),
        ("pitch", "Jetzt vier Wochen für nur einen Euro testen: alle Artikel auf der Webseite, "
         "das E-Paper schon am Vorabend, jederzeit kündbar. Danach 9,90 Euro im Monat."),
        ("comment", "Das war doch seit Jahren abzusehen, aber auf uns hört ja keiner. Ich fahre "
         "die Strecke jeden Tag und weiß, wovon ich rede. Antworten, melden."),
    ),
    "es": (
        ("newsletter", "Cada mañana enviamos por correo las diez noticias que conviene saber "
         "antes de salir de casa. Apúntese gratis a nuestro boletín con solo escribir su "
         "dirección."),
        ("pitch", "Este periódico no pertenece a ningún banco ni a ningún partido. Si valora lo "
         "que hacemos, ayúdenos con una aportación desde tres euros al mes."),
        ("pitch", "Hágase socio de La Ribera y lea sin anuncios, reciba la revista trimestral en "
         "casa y participe en los encuentros con la redacción."),
        ("pitch", "Descargue nuestra aplicación y reciba las alertas de última hora en su "
         "teléfono."),
        ("pitch", "Escuche el episodio completo de La Sobremesa, nuestro pódcast diario, en el "
         "que Inés Robledo conversa con los protagonistas de la semana."),
        ("biography", "Julián Arce es redactor de la sección de Local desde 2012 y autor de dos "
         "libros de crónicas. Estudió Historia en la Universidad de Salamanca."),
        ("notice", "Si tiene información sobre este asunto, puede ponerse en contacto con la "
         "redacción en el correo pistas@laribera.example. Garantizamos el anonimato de nuestras "
         "fuentes."),
        ("notice", "Todos los derechos reservados. Prohibida la reproducción sin autorización de "
         "la editorial."),
        ("notice", "Utilizamos cookies propias y de terceros para analizar el uso de la página. "
         "Puede aceptarlas, rechazarlas o configurar sus preferencias en cualquier momento."),
        ("caption", "Varios vecinos observan los trabajos de limpieza en la ribera del Duero "
         "este sábado por la tarde, tras la crecida. / Marta Olmos"),
        ("teaser", "Le puede interesar: el pueblo de cuarenta habitantes que ha decidido comprar "
         "su propia panadería, y la receta con la que paga la deuda."),
        ("comment", "Llevo treinta años en el barrio y esto no lo había visto nunca. A ver si "
         "alguien del ayuntamiento se da una vuelta por aquí de una vez."),
    ),
    "fr": (
        ("newsletter", "Recevez chaque soir l'essentiel de l'actualité de la région dans votre "
         "boîte mail : il suffit d'indiquer votre adresse pour vous inscrire gratuitement à "
         "notre lettre."),
        ("pitch", "Notre rédaction ne vit que de ses lecteurs. Pour que cet article reste en "
         "accès libre, vous pouvez nous soutenir par un don, déductible à 66 % de vos impôts."),
        ("pitch", "Abonnez-vous dès aujourd'hui pour 1 euro le premier mois et lisez tous nos "
         "articles en illimité, sur tous vos écrans, sans engagement de durée."),
        ("pitch", "Téléchargez notre application pour être alerté en temps réel, enregistrer vos "
         "articles et les retrouver même sans connexion."),
        ("pitch", "Retrouvez l'intégralité de cet entretien dans notre podcast « Le Temps de "
         "dire », disponible chaque jeudi sur toutes les plateformes d'écoute."),
        ("biography", "Claire Vasseur est journaliste au service Environnement, après dix ans "
         "passés comme correspondante à Madrid. Elle enseigne aussi à l'école de Lille."),
        ("notice", "Vous avez été témoin de cet événement ? Écrivez à notre rédaction à "
         "l'adresse temoins@lequai.example ou appelez-nous au numéro indiqué en bas de page."),
        ("notice", "Tous droits réservés. Reproduction interdite sans l'accord écrit de "
         "l'éditeur."),
        ("notice", "Ce contenu est bloqué car vous n'avez pas accepté les cookies. En cliquant "
         "sur « J'accepte », vous pourrez afficher la vidéo et les publicités personnalisées."),
        ("caption", "Des habitants de Saint-Loup devant la mairie, mardi 6 février, lors du "
         "rassemblement contre la fermeture de la classe. Photo Bruno Delmas"),
        ("teaser", "À lire aussi : le dernier passeur du lac prend sa retraite à 81 ans"),
        ("comment", "Bravo pour cet article, mais vous oubliez de dire que le maire était au "
         "courant depuis le début. Je ne suis pas le seul à le penser, croyez-moi."),
    ),
    "ja": (
        ("newsletter", "毎朝七時に、記者が選んだ注目のニュースをメールでお届けします。登録は無料"
         "で、メールアドレスを入力するだけで完了します。"),
        ("pitch", "この記事は有料会員限定です。今なら初月無料で、すべての記事と紙面ビューアーが読"
         "み放題になります。いつでも解約できます。"),
        ("pitch", "公式アプリをダウンロードすると、速報をいち早く受け取れるほか、気になる記事を保"
         "存して後からゆっくり読むことができます。"),
        ("pitch", "十一月三日に読者向けのオンライン講座を開きます。参加費は千円、定員は百人で、申"
         "し込みは下の画面から受け付けています。"),
        ("biography", "みやた・けいこ 一九八二年、長野県生まれ。地方紙の記者を経て二〇一五年に入"
         "社し、現在は社会部で教育と医療を担当している。"),
        ("caption", "豪雨で崩れた県道の復旧作業を見守る住民たち＝四日午後二時ごろ、青原町、小野寺"
         "健撮影"),
        ("teaser", "あわせて読みたい：八十歳で大学に入り直した元漁師が、卒業論文のテーマに選んだ"
         "意外な魚とは何だったのか。"),
        ("notice", "当サイトに掲載している記事や写真の無断転載を禁じます。著作権は当社またはその"
         "情報提供者に帰属します。"),
    ),
    "zh": (
        ("newsletter", "想第一时间了解更多深度报道？欢迎免费订阅我们的每日电子报，每天早上七点，"
         "编辑精选的五条新闻会准时送到您的邮箱。"),
        ("pitch", "独立的新闻报道离不开读者的支持。如果您觉得这篇文章有价值，请考虑每月赞助我们一"
         "杯咖啡的钱。"),
        ("pitch", "下载本报客户端，随时随地接收突发新闻推送，收藏喜欢的文章，还可以在没有网络的时"
         "候离线阅读。"),
        ("pitch", "本周播客节目《夜航船》邀请到三位记者聊聊采访背后的故事，各大音频平台均可收听，"
         "每周四晚更新。"),
        ("biography", "林若溪，本报财经新闻部资深记者，长期关注房地产与地方财政，曾获得全国好新闻"
         "奖，著有采访手记一部。"),
        ("caption", "九月十二日，志愿者在青河县体育馆内为受灾居民分发饮用水和毛毯。本报记者周启明"
         "摄。"),
        ("teaser", "相关阅读：一座只有十二名学生的山村小学，为什么在今年夏天迎来了三位从城里来的"
         "音乐老师。"),
        ("notice", "版权声明：本文为本报原创内容，未经书面授权不得转载、摘编或以其他方式使用，违"
         "者将被追究法律责任。"),
    ),
}  # fmt: skip

SENTENCES: Final = {
    language: tuple(Sentence(*written) for written in some) for language, some in _WRITTEN.items()
}
"""The sentences of each language."""
