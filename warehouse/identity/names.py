"""How names and ids are compared: macros for DuckDB, and the short forms of given names.

Belongs here: what makes two writings of a name or an id alike. Not here: what follows from it.
"""

from __future__ import annotations

import duckdb

from warehouse.filling import fill

#: Names that are used for one another, one group a line. A short form may stand in several.
SHORT_FORMS = """
abigail abby gail
abraham abe
albert al bert
alejandro alex ale
alejandra alex ale
alexander alex alec xander sasha lex
alexandra alex lexi sandra sasha alexa
alfred al fred alf
alicia ali
allison ali allie
amanda mandy
andrea andi drea
andrew andy drew
angela angie
anthony tony
antonio tony toni toño
barbara barb babs
beatriz bea betty
beatrice bea trixie
benjamin ben benny benji
bernard bernie
bradley brad
brittany britt
cameron cam
camila cami mila
catherine cathy cate kate katie cat
charles charlie chuck chas
charlotte charlie lottie
christian chris
christina chris chrissy tina
christine chris chrissy tina
christopher chris topher kit
claudia clau
cynthia cindy
daniel dan danny dani
daniela dani ela
david dave davy
deborah deb debbie
delia dee
dominic dom nick
donald don donnie
dorothy dot dottie
eduardo eddie lalo edu
edward ed eddie ted ned
eleanor ellie nora nell
elena lena
elizabeth liz lizzie beth betsy eliza betty libby lisa
emily em emmy
emma em
emmanuel manny manuel
enrique quique rick
ernesto neto
eugene gene
evelyn evie eve
ezekiel zeke
fernando nando fer
florence flo
frances fran frankie
francis frank frankie
francisco paco pancho frank cisco
franklin frank
frederick fred freddie rick
gabriel gabe
gabriela gabby gabi
gerald gerry jerry
gerardo jerry
gregory greg
guadalupe lupe lupita
guillermo memo will
gustavo gus tavo
harold harry hal
henry hank harry
ignacio nacho
isaac ike zac
isabel isa izzy bella
isabella isa izzy bella
jacob jake
jacqueline jackie
james jim jimmy jamie
janet jan
jason jay
javier javi
jeffrey jeff
jennifer jen jenny
jeremy jerry
jessica jess jessie
jesus chuy
jonathan jon jonny nathan
jordan jordy
jose pepe joe
joseph joe joey
josefina pepa josie
joshua josh
juan johnny
judith judy
julia jules julie
juliana jules
julian jules
katherine kate katie kathy kat kit
kathleen kate katie kathy
kenneth ken kenny
kimberly kim
kristen kris
kristina kris tina
laura laurie
lawrence larry
leonard leo lenny
leonardo leo
leticia letty
lillian lily
louis lou
lucas luke
luis lou
lucia lucy
madeline maddie
madison maddie
manuel manny
marcus marc
margaret maggie meg peggy greta marge
maria mari
mateo matt
matthew matt matty
maximilian max
megan meg
melissa missy mel
michael mike mikey mick
michelle shelly
miguel mike
mitchell mitch
mohammed mo
natalie nat
nathan nate
nathaniel nate nathan nat
nicholas nick nico
nicolas nico nick
nicole nicky niki
olivia liv livvy ollie
oliver ollie
oscar ozzie
pamela pam
patricia pat patty tricia
patrick pat paddy
pedro pete
peter pete
philip phil
phillip phil
priscilla cilla
rachel rae
rafael rafa
ramon ray monchi
randall randy
raymond ray
rebecca becca becky
ricardo rick ricky
richard rick rich dick ricky
robert rob bob bobby robbie bert
roberto beto rob
rodrigo rod
ronald ron ronnie
rosa rosie
rosemary rose rosie
ruben ben
russell russ
samantha sam sammy
samuel sam sammy
sandra sandy
santiago santi
sarah sally
sebastian seb bastian
sergio checo
sofia sofi
sophia sophie soph
stephanie steph
stephen steve stevie
steven steve stevie
susan sue susie
tatiana tati
teresa terry tere
theodore ted theo teddy
thomas tom tommy
timothy tim timmy
valeria val vale
valentina val vale
vanessa nessa
veronica ronnie vero
victoria vicky tori
vincent vince vinny
virginia ginny
walter walt
wesley wes
william will bill billy liam willy
yesenia yesi
zachary zach zack
"""

MACROS = (
    # "Jr." and "III" are written or left out as it comes.
    "bare_name(t) AS regexp_replace(t, '[,\\s]+(jr|sr|ii|iii|iv)[.]?\\s*$', '', 'i')",
    # Letters of every script. Marks on Latin letters do not count; in other scripts they make
    # another name.
    "letters(t) AS nullif(regexp_replace(lower(CASE WHEN regexp_matches(t, '\\p{Latin}') "
    "THEN strip_accents(bare_name(t)) ELSE nfc_normalize(t) END), '[^\\p{L}\\p{M}]', '', 'g'), '')",
    # The words of a name, and every two or three of them written as one.
    "name_words(t) AS list_filter(list_transform(string_split_regex(coalesce(bare_name(t), ''), "
    "'[\\s-]+'), lambda w: letters(w)), lambda w: w IS NOT NULL)",
    "runs(p) AS flatten(list_transform(range(1, len(p) + 1), lambda i: [p[i], "
    "p[i] || coalesce(p[i + 1], ''), p[i] || coalesce(p[i + 1], '') || coalesce(p[i + 2], '')]))",
    "plain_id(t) AS nullif(regexp_replace(regexp_replace(upper(t), '\\s+', '', 'g'), "
    "'^([0-9]+)[.]0+$', '\\1'), '')",
    "bare_id(t) AS nullif(ltrim(plain_id(t), '0'), '')",
    "address(t) AS nullif(lower(trim(t)), '')",
    # A school's name: numbers tell schools apart.
    "place(t) AS nullif(regexp_replace(lower(strip_accents(t)), '[^\\p{L}\\p{N}]', '', 'g'), '')",
    "told(t) AS coalesce(list(DISTINCT t) FILTER (WHERE t IS NOT NULL), [])",
    # A slip of the keyboard: one letter wrong, missing, too many or swapped in a name long enough
    # to be told from another one.
    "slip(a, b) AS least(length(a), length(b)) >= 4 AND damerau_levenshtein(a, b) <= 1",
    # Part of a double name, or run together with another.
    "within(a, b) AS least(length(a), length(b)) >= 4 AND (contains(a, b) OR contains(b, a))",
    # Alike in the first three letters; a name of two letters begins the other one.
    "begins(a, b) AS least(length(a), length(b)) >= 2 "
    "AND left(a, least(length(a), length(b), 3)) = left(b, least(length(a), length(b), 3))",
    "short_slip(a, b) AS least(length(a), length(b)) = 3 AND damerau_levenshtein(a, b) <= 1",
)


def define(db: duckdb.DuckDBPyConnection) -> None:
    """Make the macros, and tables short_form (one, other; both ways round) and whole_name (name:
    those that are no short form themselves, as far as known), in `db`."""
    groups = [line.split() for line in SHORT_FORMS.split("\n") if line]
    pairs = sorted(
        {
            (a, b)
            for group in groups
            for form in group[1:]
            for a, b in ((group[0], form), (form, group[0]))
        }
        | {(a, b) for group in groups for a in group[1:] for b in group[1:] if a != b}
    )
    db.execute("CREATE OR REPLACE TEMP TABLE short_form (one VARCHAR, other VARCHAR)")
    fill(db, "short_form", pairs)
    db.execute("CREATE OR REPLACE TEMP TABLE whole_name (name VARCHAR)")
    fill(db, "whole_name", [(group[0],) for group in groups])
    for macro in MACROS:
        db.execute(f"CREATE OR REPLACE TEMP MACRO {macro}")
