package scaffold

import (
	"slices"
	"strings"
	"unicode"

	"asof/replay/state"
)

// words splits a name in any style into lower-case words: ItemAdded, item_added,
// item-added and "Item added" become item and added.
func words(name string) []string {
	var all []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			all = append(all, strings.ToLower(string(word)))
			word = nil
		}
	}
	var last rune
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
			last = r
			continue
		case unicode.IsUpper(r) && !unicode.IsUpper(last):
			end()
		}
		word = append(word, r)
		last = r
	}
	end()
	return all
}

var (
	plusWords = []string{
		"deposited", "deposit", "credited", "credit", "added", "add", "received", "earned", "increased", "accrued", "restocked", "gained", "topped",
	}
	minusWords = []string{
		"withdrawn", "withdrew", "withdrawal", "debited", "debit", "removed", "remove", "spent", "decreased", "reduced", "redeemed", "deducted",
	}
	moneyWords  = []string{"deposited", "deposit", "credited", "credit", "withdrawn", "withdrew", "withdrawal", "debited", "debit"}
	amountWords = []string{"amount", "cents", "value", "points", "quantity", "qty", "units"}
	stockWords  = []string{"balance", "total", "sum"} // totals of amounts, which are not amounts to add
	thingWords  = []string{"item", "product", "line", "article", "variant", "entry"}
	countWords  = []string{"qty", "quantity", "count", "units", "pieces"}
	keyWords    = []string{"sku", "isbn", "ean", "code", "key"}
	changeWords = []string{"set", "changed", "updated", "renamed", "adjusted", "edited", "assigned"} // of a part, which is not a status
	endWords    = []string{
		"closed", "cancelled", "canceled", "confirmed", "completed", "expired", "deleted", "archived", "terminated", "checkedout", "out",
	}
)

var (
	// afterSign may follow the word that adds or removes: what follows a preposition is
	// a place.
	afterSign    = []string{"made", "completed", "posted", "succeeded", "recorded", "event"}
	prepositions = []string{"to", "from", "in", "into", "on", "onto", "by", "of", "at", "for"}
	// doubtful words mean it did not happen, has not happened yet, or is about
	// something else.
	doubtful = []string{"not", "no", "pending", "planned", "scheduled", "requested", "failed", "rejected", "declined", "expected", "limit"}
)

// sign is +1 for a type name that means adding, -1 for one that means removing, and 0
// otherwise: DepositFailed, DepositReversed and CreditLimitSet add nothing.
func sign(name string) int {
	all := words(name)
	plus, minus := hasWord(name, plusWords), hasWord(name, minusWords)
	if plus == minus || hasWord(name, doubtful) {
		return 0
	}
	if n := len(all); !imperative(all) && !happened(all[signWord(all)+1:n]) {
		return 0
	}
	if plus {
		return 1
	}
	return -1
}

// signWord returns the index of the last word that adds or removes, or -1.
func signWord(all []string) int {
	at := -1
	for i, w := range all {
		if slices.Contains(plusWords, w) || slices.Contains(minusWords, w) {
			at = i
		}
	}
	return at
}

// imperative reports whether the words are a command, such as AddItem.
func imperative(all []string) bool {
	return len(all) > 0 && (all[0] == "add" || all[0] == "remove") &&
		!slices.ContainsFunc(all, func(w string) bool { return strings.HasSuffix(w, "ed") })
}

// happened reports whether the words after the sign leave its meaning unchanged.
func happened(rest []string) bool {
	if len(rest) > 0 && slices.Contains(prepositions, rest[0]) {
		return !slices.ContainsFunc(rest, func(w string) bool { return strings.HasSuffix(w, "ed") })
	}
	for _, w := range rest {
		if !slices.Contains(afterSign, w) && strings.Trim(w, "v0123456789") != "" {
			return false
		}
	}
	return true
}

// movesMoney reports whether a type's name means that a balance rises or falls.
func movesMoney(name string) bool {
	all := words(name)
	at := signWord(all)
	return sign(name) != 0 && slices.Contains(moneyWords, all[at])
}

// inherited are the members of every JavaScript object.
var inherited = []string{
	"constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf", "__proto__",
	"__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__",
}

func hasWord(name string, of []string) bool {
	return slices.ContainsFunc(words(name), func(w string) bool { return slices.Contains(of, w) })
}

// endsWith reports whether the last word of a name is one of them.
func endsWith(name string, of []string) bool {
	all := words(name)
	return len(all) > 0 && slices.Contains(of, all[len(all)-1])
}

// isKey reports whether a field identifies a thing: sku, product_id, itemId.
func isKey(name string) bool {
	all := words(name)
	return endsWith(name, keyWords) || len(all) > 1 && all[len(all)-1] == "id"
}

// plural of a member that holds several.
func plural(name string) string {
	switch {
	case strings.HasSuffix(name, "s"):
		return name
	case strings.HasSuffix(name, "y") && !strings.HasSuffix(name, "ey"):
		return strings.TrimSuffix(name, "y") + "ies"
	}
	return name + "s"
}

// lower returns a name as words joined by underscores, with only ASCII letters and
// digits.
func lower(name string) string {
	var b strings.Builder
	for i, w := range words(name) {
		if i > 0 {
			b.WriteByte('_')
		}
		for _, r := range w {
			if r < unicode.MaxASCII {
				b.WriteRune(r)
			}
		}
	}
	return strings.Trim(b.String(), "_")
}

// reserved are words that cannot be variable names.
var reserved = []string{"function", "class", "default", "delete", "new", "in", "this", "null", "true", "false"}

func isName(name string) bool {
	for i, r := range name {
		letter := r == '_' || r == '$' || r < unicode.MaxASCII && unicode.IsLetter(r)
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}

// text is a string literal of JavaScript, and a basic string of TOML.
func text(s string) string { return string(state.AppendQuoted(nil, s)) }

// member is the expression of a member of an object.
func member(of, name string) string {
	if isName(name) {
		return of + "." + name
	}
	return of + "[" + text(name) + "]"
}

// key is a key of an object literal.
func key(name string) string {
	switch {
	case name == "__proto__":
		return `["__proto__"]`
	case isName(name) && !slices.Contains(reserved, name):
		return name
	}
	return text(name)
}
