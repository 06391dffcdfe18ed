package scaffold

import (
	"slices"
	"strings"
	"unicode"

	"asof/replay/state"
)

// words splits a name of any spelling into lower-case words: ItemAdded, item_added,
// item-added and "Item added" are item and added.
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
	amountWords = []string{"amount", "cents", "value", "sum", "points", "quantity", "qty", "units", "total"}
	countWords  = []string{"qty", "quantity", "count", "units", "pieces"}
	keyWords    = []string{"sku", "isbn", "ean", "code", "key"}
	changeWords = []string{"set", "changed", "updated", "renamed", "adjusted", "edited", "assigned"} // of a part, which is no status
	endWords    = []string{
		"closed", "cancelled", "canceled", "confirmed", "completed", "expired", "deleted", "archived", "terminated", "checkedout", "out",
	}
)

// sign is +1 for a type whose name says that something is added, -1 for one whose name
// says that something is taken away, and 0 for any other.
func sign(name string) int {
	plus, minus := hasWord(name, plusWords), hasWord(name, minusWords)
	switch {
	case plus && !minus:
		return 1
	case minus && !plus:
		return -1
	}
	return 0
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

// lower is a name with words joined by underscores, of ASCII letters and digits alone.
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

// reserved are words that are no names of variables.
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
