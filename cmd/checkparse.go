package cmd

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"asof/replay/fault"
)

// cutRule splits NAME=EXPR. A name contains no character that an expression may have
// before its first =.
func cutRule(text string) (name, expr string, ok bool) {
	name, expr, ok = strings.Cut(text, "=")
	name, expr = strings.TrimSpace(name), strings.TrimSpace(expr)
	if !ok || name == "" || expr == "" || strings.HasPrefix(expr, "=") || strings.ContainsAny(name, "<>!()[]{};'\"`.") {
		return "", "", false
	}
	return name, expr, true
}

// readRule parses a rule. An expression without a name is its own name.
func readRule(flag, text string) (name, expr string, err error) {
	name, expr, ok := cutRule(text)
	switch {
	case !ok && (text == "" || text[0] == '='):
		return "", "", usagef("write it as --"+flag+" 'never negative=state.total >= 0'", "bad --%s %q: no name", flag, text)
	case !ok:
		return text, text, nil
	}
	if isConstant().MatchString(expr) {
		return "", "", &usageError{
			msg: fmt.Sprintf("--%s %q names the invariant %s and tests %s, which is constant", flag, text, name, expr),
			fix: fault.Remedy{For: text, Near: []string{"state." + name + " == " + expr}, Text: "compare with =="},
		}
	}
	return name, expr, nil
}

// isConstant matches an expression that does not depend on the state.
var isConstant = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(-?[0-9.]+|null|"[^"]*"|'[^']*')$`)
})

// parseSize parses a number of bytes such as 500MB. It returns 0 for an empty text.
func parseSize(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	bad := usagef("write a number with B, KB, MB or GB, such as 500MB", "bad --memory %q", text)
	upper := strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(text)), "B")
	shift := 0
	for unit, s := range map[string]int{"K": 10, "KI": 10, "M": 20, "MI": 20, "G": 30, "GI": 30} {
		if rest, ok := strings.CutSuffix(upper, unit); ok {
			upper, shift = rest, s
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(upper), 10, 32)
	if err != nil || n <= 0 {
		return 0, bad
	}
	return n << shift, nil
}
