"""What one sentence says about products: this many of that, none of that, something unknown."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from checkout_desk.reading import cues, lexicon
from checkout_desk.reading.canonical import Canon
from checkout_desk.reading.catalogue import is_attribute
from checkout_desk.reading.clauses import Clause
from checkout_desk.reading.hits import Hit
from checkout_desk.reading.mentions import Mention, find_mentions, resolve
from checkout_desk.reading.quantities import LABELS, Amount, amounts, before_mention, behind_mention
from checkout_desk.reading.scene import Scene, Statement
from checkout_desk.reading.tokens import Token
from checkout_desk.reading.unknowns import noun_after, noun_before

_EACH = frozenset(
    "each je jeweils chacun chacune chaque cada ciascuno ciascuna ognuno ieder elk ずつ".split()
)
_OWN = frozenset(
    "my our mein meine meinen meinem unser unsere unseren mon ma mes notre nos mi mis nuestro nuestra meu minha il_mio mio mia mijn onze".split()
)
_ONLY_PART = re.compile(r"\b(?:if so|wenn ja|falls ja|si oui|dans ce cas|en ese caso|se sim|se si|zo ja)\b")
_KEEP = re.compile(
    r"\b(?:do(?:n'?t| not) forget|nicht vergessen|n'oubliez pas|no (?:se )?olvid\w+|nao (?:se )?esquec\w+|non dimentic\w+|niet vergeten|not only|no problem)\b"
)


def read_sentence(scene: Scene, parts: Sequence[Clause]) -> None:
    """Add to the scene what the clauses of one sentence say."""
    start, end = parts[0].start, parts[-1].end
    tokens = scene.tokens(start, end)
    if not tokens:
        return
    shown = scene.canon.text if scene.canon.text.isascii() else ""
    start, end = tokens[0].start, tokens[-1].end
    words = shown[start:end] if shown else _same_length(scene.canon, start, end)
    mentions = find_mentions(scene.canon.low, tokens, scene.catalogue, words)
    found = amounts(tokens, mentions, scene.canon.low, words)
    sentence = _Sentence(scene, parts, tokens, mentions, found)
    sentence.read()


def _next_line(low: str, end: int, start: int) -> bool:
    """Whether one place stands on the line below another one."""
    return low.count("\n", end, start) == 1 and not low[end:start].strip(" \n.:")


def _same_length(canon: Canon, start: int, end: int) -> str:
    """The original letters of a canonical range, one for each canonical character, to see capitals."""
    return "".join(canon.shown(i, i + 1)[:1] or " " for i in range(start, end))


class _Sentence:
    def __init__(
        self,
        scene: Scene,
        parts: Sequence[Clause],
        tokens: list[Token],
        mentions: list[Mention],
        found: list[Amount],
    ) -> None:
        self.scene, self.parts, self.tokens, self.mentions, self.amounts = (
            scene,
            parts,
            tokens,
            mentions,
            found,
        )
        self.low = scene.canon.low
        self.text = self.low[parts[0].start : parts[-1].end]
        self.corrects = cues.CORRECTION.search(self.text) is not None
        self.recaps = cues.RECAP.search(self.text) is not None
        self.owners: dict[int, Mention] = {}

    def clause(self, token: Token) -> Clause:
        """The clause in which a token stands."""
        for part in self.parts:
            if token.start < part.end:
                return part
        return self.parts[-1]

    def read(self) -> None:
        if cues.GREETING.match(self.text) and len(self.tokens) <= 6 and not self.amounts:
            return
        self.labelled_amount()
        self.complete_attributes()
        each = self.each()
        new: list[Statement] = []
        for number, mention in enumerate(self.mentions):
            if mention.rule in ("attribute", "split"):
                continue
            statement = self.state(number, mention, each)
            if statement:
                new.append(statement)
        replaced = [s for s in new if s.rule == "replaced"]
        if replaced:
            self.replace_old(new, replaced)
        self.hand_over(new)
        self.either_or(new)
        self.scene.statements += new
        if new:
            self.scene.last = new[-1]
        self.unknown_products(beside=any(s.said and not s.seen for s in new))
        self.loose_amounts(any(not s.seen for s in new))

    def labelled_amount(self) -> None:
        """'Quantity: 4' on a line of its own counts the product of the line before."""
        last = self.scene.last
        if self.mentions or len(self.amounts) != 1:
            return
        amount = self.amounts[0]
        alone = (
            amount.first == 0 and last is not None and _next_line(self.low, last.end, self.tokens[0].start)
        )
        if self.tokens[0].low not in LABELS and not alone:
            return
        if amount.first > 3 or amount.last < len(self.tokens) - 2:
            return
        if last is None or last.quantity is not None:  # the form names the product below its number
            self.scene.pending, amount.used = amount.count, True
        else:
            last.quantity, last.said, last.weak, amount.used = amount.count, True, False, True
            last.end = max(last.end, self.tokens[amount.last].end)

    def complete_attributes(self) -> None:
        """'2 blue and 3 red mugs', 'mugs: 2 blue, 3 red': a colour or size alone borrows the noun of its neighbour."""
        for number, mention in enumerate(self.mentions):
            if mention.rule != "attribute":
                continue
            amount = self.amount_before(number, mention)[0]
            after = next((m for m in self.mentions[number + 1 :] if m.rule != "attribute"), None)
            before = next((m for m in reversed(self.mentions[:number]) if m.rule not in ("attribute",)), None)
            heads = [
                m.keys
                for m in (after if amount and not before else None, before, after if amount else None)
                if m
            ]
            parent = self.scene.last
            if not heads and parent and parent.keys and not parent.seen:
                heads = [parent.keys]
            for keys in heads:
                if self.borrow(mention, keys):
                    break
            if mention.rule == "attribute":
                continue
            if before and mention.skus and len(before.skus) > 1 and set(mention.skus) <= set(before.skus):
                before.rule = "split"
            elif not before and not after and parent and set(mention.skus) < set(parent.skus) and not amount:
                parent.skus, parent.rule = mention.skus, "attribute-said-later"
                parent.confidence = min(parent.confidence, 0.85)
                mention.rule = "split"
            elif not before and not after and parent and not amount:
                mention.rule = "split"
            elif not before and not after and parent and set(mention.skus) < set(parent.skus) and amount:
                parent.seen = True

    def borrow(self, mention: Mention, keys: tuple[str, ...]) -> bool:
        kinds = {k[0] for k in mention.keys}
        whole = [k for k in keys if k[0] not in kinds or not is_attribute(k)] + list(mention.keys)
        if not any(not is_attribute(k) for k in whole):
            return False
        skus, confidence, _, _, pack = resolve(self.scene.catalogue, [Hit(-1, (k,)) for k in whole])
        if not skus or len(skus) > 12:
            return False
        mention.skus, mention.confidence, mention.pack = skus, min(confidence, 0.88), pack
        mention.rule, mention.keys = "noun-from-neighbour", tuple(whole)
        return True

    def each(self) -> Amount | None:
        places = [
            i
            for i, t in enumerate(self.tokens)
            if t.low in _EACH and not t.masked and (t.low != "je" or self.scene.language == "de")
        ]
        plain = [a for a in self.amounts if not a.article and a.count]
        if len(plain) != 1 or len(self.mentions) < 2:
            return None
        near = any(0 < place - plain[0].last <= 2 or 0 < plain[0].first - place <= 2 for place in places)
        return plain[0] if near else None

    def amount_before(self, number: int, mention: Mention) -> tuple[Amount | None, int, str]:
        floor = self.mentions[number - 1].last if number else -1
        return before_mention(self.tokens, self.amounts, mention, floor)

    def amount_for(self, number: int, mention: Mention) -> tuple[Amount | None, int, str]:
        """The amount of a mention, before it or behind it; two that disagree are none."""
        ceiling = self.mentions[number + 1].first if number + 1 < len(self.mentions) else len(self.tokens)
        before, unknown, determiner = self.amount_before(number, mention)
        free = [a for a in self.amounts if not a.used]
        behind = behind_mention(self.tokens, free, mention, ceiling, change=self.corrects)
        if before and before.used:
            before = None
        if before and not (before.article and behind):
            before.used = True
            return before, unknown, determiner
        if behind:
            behind.used = True
            return behind, 0, determiner
        alone = self.only_amount(mention)
        if alone:
            alone.used = True
            return alone, 0, determiner
        return None, unknown, determiner

    def only_amount(self, mention: Mention) -> Amount | None:
        """The one amount of a line that holds one product and nothing else: 'Tea strainer ..... 2', '[2] Tea strainer'."""
        if any(m.skus != mention.skus for m in self.mentions) or len(self.tokens) > 30:
            return None
        numbers = [a for a in self.amounts if not a.article]
        if len(numbers) != 1 or numbers[0].used or numbers[0].old or not numbers[0].count:
            return None
        inside = set(range(numbers[0].first, numbers[0].last + 1))
        inside |= {i for m in self.mentions for i in range(m.first, m.last + 1)}
        rest = (t for i, t in enumerate(self.tokens) if i not in inside and not t.masked)
        light = lexicon.UNITS | lexicon.LIGHT | LABELS
        return numbers[0] if all(t.kind == "sign" or t.low in light for t in rest) else None

    def state(self, number: int, mention: Mention, each: Amount | None) -> Statement | None:
        clause = self.clause(self.tokens[mention.first])
        amount, unknown, determiner = self.amount_for(number, mention)
        if each and amount is None:
            amount = each
        first = min(mention.first, amount.first) if amount and amount is not each else mention.first
        if determiner and amount is None and first and self.tokens[first - 1].low == determiner:
            first -= 1
        last = max(mention.last, amount.last) if amount and amount is not each else mention.last
        statement = Statement(
            mention.skus, None, self.tokens[first].start, self.tokens[last].end, mention.confidence, mention.rule,
            clause.sentence, item=clause.item, corrects=self.corrects, recaps=self.recaps, keys=mention.keys,
        )  # fmt: skip
        statement.additive = cues.ADDITION.search(self.low[clause.start : clause.end]) is not None
        self.count(statement, mention, amount, determiner)
        if unknown and amount is not None:
            statement.confidence = min(statement.confidence, 0.7)
            if mention.rule.startswith(
                "part-of-name"
            ):  # "an electric kettle" need not be the only kettle there is
                statement.skus, statement.rule = (), "unknown-product"
        if self.removed(mention, amount, clause):
            statement.removes = True
            return statement
        if self.old_amount(mention) and not amount:
            statement.rule = "replaced"
            return statement
        if not self.ordered(statement, mention, clause, amount):
            statement.seen = True
        if (
            statement.quantity is None
            and amount is None
            and not statement.removes
            and not self.plainly_named(mention, clause)
        ):
            statement.seen = True
        if not mention.skus and (mention.rule == "no-product" and not (amount and not amount.article)):
            statement.seen = statement.seen or amount is None
        return statement

    def plainly_named(self, mention: Mention, clause: Clause) -> bool:
        """Whether a product without a number is what the sentence is about: a whole name, a list item, or right after the verb."""
        if clause.item or not mention.rule.startswith("part-of-name"):
            return True
        if clause.mood == "order" and sum(not is_attribute(key) for key in mention.keys) > 1:
            return True
        before = self.tokens[max(0, mention.first - 4) : mention.first]
        text = self.low[before[0].start : self.tokens[mention.first].start] if before else ""
        short = self.low[clause.start : clause.end].rstrip().endswith(":") or (
            clause.mood == "order" and len(self.tokens) <= 4
        )
        return short or cues.ORDER.search(text) is not None

    def count(self, statement: Statement, mention: Mention, amount: Amount | None, determiner: str) -> None:
        """Fill in the quantity: what was said, or one for 'the teapot' in the catalogue's own form."""
        if amount is not None:
            statement.said = not amount.article
            statement.implied = amount.article
            statement.quantity = amount.count if amount.count and amount.count > 0 else None
            if amount.count == 0:
                statement.seen = True
            statement.confidence = min(statement.confidence, amount.sure)
            if amount.pair and statement.quantity and not self.sold_in_pairs(mention):
                statement.quantity *= 2
                statement.confidence = min(statement.confidence, 0.9 if amount.count == 1 else 0.75)
            self.check_pack(statement, mention, amount)
            self.check_measure(statement, mention)
            return
        if self.scene.pending is not None:
            statement.quantity, statement.said, self.scene.pending = self.scene.pending, True, None
            return
        self.check_measure(statement, mention)
        if (
            determiner
            and mention.catalogue_form
            and determiner not in lexicon.PLURAL_DETERMINERS - lexicon.SINGULAR_DETERMINERS
        ):
            statement.quantity, statement.implied = 1, True
            statement.confidence = min(statement.confidence, 0.9)

    def sold_in_pairs(self, mention: Mention) -> bool:
        for sku in mention.skus:
            entry = self.scene.catalogue.entries[sku]
            name = f" {entry.name.casefold()} "
            if re.search(
                r"pair|paar|paire|glove|handschuh|sock|shoe|schuh|boot|trouser|scissor|earring|ohrring|slipper|mitten",
                name,
            ):
                return True
        return False

    def check_pack(self, statement: Statement, mention: Mention, amount: Amount) -> None:
        """'6 tea glasses' of a product that is a set of six: one set or six? Nobody can tell, so nobody guesses."""
        if not mention.pack or mention.pack_said or mention.pack < 2 or statement.rule == "sku":
            return
        between = {t.low for t in self.tokens[amount.first : mention.last + 1]}
        between |= {t.low for t in self.tokens[mention.last + 1 : amount.last + 1]}
        if not between & lexicon.PACK_UNITS and not amount.article:
            statement.quantity = None
            statement.confidence = min(statement.confidence, 0.7)

    def check_measure(self, statement: Statement, mention: Mention) -> None:
        """'500 g Sencha' of a product that weighs 100 g: the amount is a weight, not a number of packs."""
        at = mention.first - 1
        while at >= 0 and mention.first - at <= 3:
            token = self.tokens[at]
            if token.kind == "measure":
                statement.quantity = None
                statement.confidence = min(statement.confidence, 0.6)
                return
            if token.kind != "word" or token.low not in lexicon.LIGHT:
                return
            at -= 1

    def old_amount(self, mention: Mention) -> bool:
        at = mention.first - 1
        while at >= 0 and mention.first - at <= 4:
            if any(a.old and a.last == at for a in self.amounts):
                return True
            if self.tokens[at].low not in lexicon.LIGHT and self.tokens[at].low not in lexicon.UNITS:
                return False
            at -= 1
        return False

    def removed(self, mention: Mention, amount: Amount | None, clause: Clause) -> bool:
        """Whether the sentence takes the product back: a negation before it without a new start, or a verb behind it."""
        if self.old_amount(mention):
            return False
        if swap := cues.SWAP.search(self.text):
            return self.tokens[mention.first].start < self.parts[0].start + swap.start("middle")
        begin = self.tokens[mention.first if not amount else min(amount.first, mention.first)].start
        before = self.low[self.parts[0].start : begin]
        cut = None
        for match in cues.WITHOUT.finditer(before):
            cut = match
        if cut and not _KEEP.search(before):
            between = cues.WANTING.sub("", before[cut.end() :])
            fresh = (
                ("," in between or re.search(r"\b(?:and|und|et|y|e|en)\b", between))
                and amount
                and not amount.article
            )
            if (
                not fresh
                and not cues.RESTART.search(between)
                and len(between) < 80
                and not re.search(r"[:;]", between)
            ):
                return True
        if amount and not amount.article and "instead" not in self.text:
            return False
        return cues.REMOVED_BEHIND.search(self.low[clause.start : clause.end]) is not None

    def ordered(self, statement: Statement, mention: Mention, clause: Clause, amount: Amount | None) -> bool:
        """Whether this naming is an order, by the mood of its clause and by how it stands there."""
        if clause.mood in ("ask", "tentative", "past"):
            return False
        first = min(mention.first, amount.first) if amount else mention.first
        owner = self.tokens[first - 1].low if first else ""
        if owner in _OWN and clause.mood != "order":
            return False
        if clause.polite and amount is None and not (statement.implied or cues.PLEASE.search(self.text)):
            return False
        if clause.mood == "order":
            return True
        others = sum(
            t.kind == "word" and t.low not in lexicon.LIGHT and t.low not in lexicon.UNITS
            for t in self.tokens
        )
        inside = sum(m.last - m.first + 1 for m in self.mentions)
        ahead = sum(
            t.kind == "word" and t.low not in lexicon.LIGHT and t.low not in lexicon.UNITS
            for t in self.tokens[:first] if t.start >= clause.start
        )  # fmt: skip
        fragment = others - inside <= (3 if statement.said else 1) and ahead <= 1 and owner not in _OWN
        if self.corrects and cues.MEANT.search(self.text):
            return True
        if not statement.said and cues.COPULA.search(self.text):
            return False
        if statement.said:
            if not fragment and not clause.item:
                statement.weak = True
            return True
        if fragment or clause.item:
            statement.weak = not clause.item
            return True
        return False

    def replace_old(self, new: list[Statement], replaced: list[Statement]) -> None:
        """'3 red mugs instead of 2 blue ones' takes the blue ones back; 'statt 2 rote Tassen 3' counts them anew."""
        free = [a for a in self.amounts if not a.used and not a.old and not a.article]
        for statement in replaced:
            if len(free) == 1 and free[0].count:
                free[0].used = True
                statement.quantity, statement.said, statement.rule = free[0].count, True, "new-number"
                statement.corrects = True
            elif any(s.said for s in new if s is not statement):
                statement.removes = True
            else:
                statement.seen = True

    def either_or(self, new: list[Statement]) -> None:
        """'The blue mug or the red one': one of them, and nobody knows which."""
        words = _OR.get(self.scene.language, frozenset({"or"}))
        wanted = [s for s in new if not s.seen and not s.removes and s.skus]
        for left, right in itertools.pairwise(wanted):
            between = self.low[left.end : right.start].split()
            if 0 < len(between) <= 3 and words & set(between) and set(left.skus) != set(right.skus):
                right.skus = tuple(dict.fromkeys((*left.skus, *right.skus)))
                right.quantity = left.quantity if left.quantity == right.quantity else None
                right.start, right.rule, left.seen = left.start, "one-or-the-other", True

    def hand_over(self, new: list[Statement]) -> None:
        """'I meant red mugs, not green': the red ones take over how many green ones were wanted."""
        gone = [s for s in new if s.removes and len(s.skus) == 1]
        open_ = [s for s in new if not s.removes and not s.seen and s.quantity is None and len(s.skus) == 1]
        if len(gone) == 1 and len(open_) == 1:
            before = [
                s for s in self.scene.statements if s.skus == gone[0].skus and not s.seen and s.quantity
            ]
            wanted = before[-1].quantity if before else self.scene.known.get(gone[0].skus[0])
            if wanted:
                open_[0].quantity, open_[0].confidence = wanted, min(open_[0].confidence, 0.82)
                open_[0].said = True

    def unknown_products(self, *, beside: bool) -> None:
        """Something ordered that no product is: 'a purple kettle'. Only with an amount, in a clause that orders or `beside` one."""
        for amount in self.amounts:
            if amount.used or amount.old:
                continue
            clause = self.clause(self.tokens[amount.first])
            if clause.mood != "order" and not (
                (clause.item or (beside and not amount.article)) and clause.mood == "plain"
            ):
                continue
            if amount.first and self.tokens[amount.first - 1].low in _PREPOSITIONS:
                continue
            if amount.article and not (clause.mood == "order" and self.verb_before(amount)):
                continue
            span = noun_after(amount, self.tokens, self.mentions) or (
                noun_before(amount, self.tokens, self.mentions, clause) if clause.item else None
            )
            if span:
                amount.used = True
                self.scene.statements.append(
                    Statement(
                        (),
                        amount.count,
                        span[0],
                        span[1],
                        0.7,
                        "unknown-product",
                        clause.sentence,
                        said=True,
                        item=clause.item,
                    )
                )

    def verb_before(self, amount: Amount) -> bool:
        before = self.low[self.parts[0].start : self.tokens[amount.first].start]
        return cues.ORDER.search(before) is not None

    def loose_amounts(self, named: bool) -> None:
        """'Make it 3', 'I'll take 2 of them': an amount whose product was named before."""
        free = [a for a in self.amounts if not a.used and not a.old and not a.article]
        if named or len(free) != 1:
            return
        clause = self.clause(self.tokens[free[0].first])
        takes = (
            clause.mood == "order"
            and cues.TAKES.search(self.low[clause.start : clause.end].rstrip(" .!")) is not None
        )
        if (
            self.corrects
            or takes
            or (clause.mood == "order" and _PRONOUN.search(self.text))
            or _ONLY_PART.search(self.text)
        ):
            start, end = self.tokens[free[0].first].start, self.tokens[free[0].last].end
            self.scene.loose.append((free[0].count, start, end, self.corrects))
            last = self.scene.last
            if last and len(last.skus) >= 1 and clause.mood in ("order", "plain"):
                confidence = 0.9 if self.corrects and not last.seen else 0.75
                self.scene.statements.append(
                    Statement(
                        last.skus,
                        free[0].count,
                        start,
                        end,
                        confidence,
                        "said-again",
                        clause.sentence,
                        said=True,
                        corrects=True,
                        keys=last.keys,
                    )
                )


_OR = {
    "de": frozenset({"oder"}), "fr": frozenset({"ou"}), "es": frozenset({"o"}), "pt": frozenset({"ou"}), "it": frozenset({"o", "oppure"}),
    "nl": frozenset({"of"}), "ja": frozenset({"か"}),
}  # fmt: skip
_PREPOSITIONS = frozenset("for fur pour para per voor zu from von with mit at bei chez".split())
_PRONOUN = re.compile(
    r"\b(?:them|those|these|it|that|davon|en|ellas|ellos|deles|delas|ne|ervan|daarvan|of each|pieces|stuck|please|bitte)\b"
)
