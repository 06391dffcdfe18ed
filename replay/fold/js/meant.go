package js

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// An expression that fails is compared with what people write by a slip, or in another
// language. The error suggests the expression that does not fail; it is never run in
// place of the one that was written.

// mostFixes bounds the slips that are corrected in one expression.
const mostFixes = 6

// mostSought bounds the failures of one expression for which another is looked for.
const mostSought = 3

// maxMeant bounds the expressions that are corrected, in bytes.
const maxMeant = 4 << 10

var (
	notDefined = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^ReferenceError: ([\w$]+) is not defined`) })
	ofNothing  = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`Cannot read property '([\w$]+)' of (?:undefined|null)`)
	})
	bareMember  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(^|[\s(!&|])(\.[A-Za-z_$])`) })
	loneAssign  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([^=!<>])=([^=>])`) })
	foreignWays = sync.OnceValue(func() []foreignWay {
		var all []foreignWay
		for _, w := range [][2]string{
			{`“|”`, `"`},
			{`‘|’`, `'`},
			{`≥`, `>=`},
			{`≤`, `<=`},
			{`≠|<>`, `!=`},
			{`=<`, `<=`},
			{`(?i)\s+is\s+not\s+null\b`, ` != null`},
			{`(?i)\s+is\s+null\b`, ` == null`},
			{`(?i)\s+and\s+`, ` && `},
			{`(?i)\s+or\s+`, ` || `},
			{`(?i)(^|[\s(])not\s+`, `${1}!`},
			{`;\s*$`, ``},
			{`^\s*return\s+`, ``},
			{`^\s*if\s*(\(.*\))\s*$`, `$1`},
			{`(\d|\w)\s*=>\s*(-?\d)`, `$1 >= $2`},
			{`->>?'?(\w+)'?`, `.$1`},
		} {
			all = append(all, foreignWay{regexp.MustCompile(w[0]), w[1]})
		}
		return all
	})
	foreignWords = map[string]string{"None": "null", "NULL": "null", "nil": "null", "True": "true", "False": "false", "TRUE": "true", "FALSE": "false"}
	otherRoots   = map[string]string{
		"ev": "event", "evt": "event", "Event": "event", "evnt": "event", "evetn": "event",
		"st": "state", "State": "state", "stat": "state", "sate": "state", "sttae": "state", "doc": "state", "obj": "state", "this": "state",
	}
)

type foreignWay struct {
	form *regexp.Regexp
	ours string
}

// meantSyntax returns what an expression that does not compile probably means, or "".
func meantSyntax(src string, compiles func(string) bool) string {
	text := bareMember().ReplaceAllString(src, "${1}state$2")
	for _, w := range foreignWays() {
		text = outsideStrings(text, func(part string) string { return w.form.ReplaceAllString(part, w.ours) })
	}
	paths := pathsToMembers(text)
	for _, right := range []string{text, assignToCompare(text), assignToCompare(paths), paths} {
		if right != src && compiles(right) {
			return right
		}
	}
	return ""
}

func assignToCompare(text string) string {
	return outsideStrings(text, func(part string) string { return loneAssign().ReplaceAllString(part, "${1}==$2") })
}

// outsideStrings applies f to the parts of an expression between its strings.
func outsideStrings(text string, f func(string) string) string {
	var b strings.Builder
	start := 0
	for i := 0; i < len(text); i++ {
		if c := text[i]; c != '\'' && c != '"' && c != '`' {
			continue
		}
		end := i + 1
		for end < len(text) && text[end] != text[i] {
			if text[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end+1, len(text))
		b.WriteString(f(text[start:i]) + text[i:end])
		start, i = end, end-1
	}
	return b.String() + f(text[start:])
}

// suggest adds to the error of a test the expression that was probably meant.
func (p *Predicate) suggest(st state.Value, ev *replay.Event, err error) error {
	var failed *replay.FoldError
	if p.quiet || len(p.src.text) >= maxMeant || !errors.As(err, &failed) || !failed.Next.IsZero() {
		return err
	}
	if p.right == "" && p.sought < mostSought && (ev != nil || st.Kind() == state.Object) {
		p.sought++
		if p.right = p.meant(st, ev, failed.Err); p.right != "" && p.e != nil {
			p.e.warn("meant", p.src.name+" failed; did you mean "+p.right+"?")
		}
	}
	if p.right != "" {
		failed.Next = fault.Remedy{For: p.src.text, Near: []string{p.right}}
	}
	return err
}

// meant returns an expression that does not fail on a state and an event, made from
// this one by correcting slips, or "".
func (p *Predicate) meant(st state.Value, ev *replay.Event, err error) string {
	text := p.src.text
	for range mostFixes {
		text = fixed(text, err.Error(), st, ev)
		if text == "" {
			return ""
		}
		right, failed := CompilePredicate(text, p.src.name, p.limits)
		if failed != nil {
			return ""
		}
		right.quiet = true
		if _, err = right.Test(st, ev); err == nil {
			return text
		}
		var fold *replay.FoldError
		if errors.As(err, &fold) {
			err = fold.Err
		}
	}
	return ""
}

// fixed corrects one slip, the one that a message is about, or returns "".
func fixed(text, message string, st state.Value, ev *replay.Event) string {
	if right := elementsToFind(text); right != text {
		return right
	}
	if m := notDefined().FindStringSubmatch(message); m != nil {
		return renamed(text, m[1], rightName(m[1], st, ev))
	}
	if m := ofNothing().FindStringSubmatch(message); m != nil {
		if right := respelled(text, st); right != text {
			return right
		}
		optional := regexp.MustCompile(`([^?\s])\.` + regexp.QuoteMeta(m[1]) + `\b`)
		if right := outsideStrings(text, func(s string) string { return optional.ReplaceAllString(s, "${1}?."+m[1]) }); right != text {
			return right
		}
	}
	if strings.Contains(message, "are read-only here") {
		if right := assignToCompare(text); right != text {
			return right
		}
	}
	return ""
}

// rightName returns the expression for a name that stands alone.
func rightName(name string, st state.Value, ev *replay.Event) string {
	if word := foreignWords[name]; word != "" {
		return word
	}
	if root := otherRoots[name]; root != "" {
		return root
	}
	keys := members(st)
	switch {
	case slices.Contains(keys, name):
		return "state." + name
	case slices.Contains(eventKeys, name) || slices.Contains(moreKeys, name):
		return "event." + name
	}
	if near := fault.Near(name, keys, 1); near != nil && isName(near[0]) {
		return "state." + near[0]
	}
	if ev != nil {
		if data, err := state.Parse(ev.Data); err == nil && slices.Contains(members(data), name) {
			return "event.data." + name
		}
	}
	if st.Kind() != state.Object && ev != nil { // a filter sees the event alone
		return "event.data." + name
	}
	return "state." + name
}

// renamed replaces a name where it stands alone: not as a member, nor in a string.
func renamed(text, name, right string) string {
	alone := regexp.MustCompile(`(^|[^\w$.])` + regexp.QuoteMeta(name) + `\b([^\w$(]|$)`)
	out := outsideStrings(text, func(s string) string {
		return alone.ReplaceAllString(s, "${1}"+strings.ReplaceAll(right, "$", "$$")+"$2")
	})
	if out == text {
		return ""
	}
	return out
}

var stateChain = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\bstate((?:\??\.[A-Za-z_$][\w$]*)+)`)
})

// respelled corrects the members that a state does not have and that resemble one it
// has.
func respelled(text string, st state.Value) string {
	return outsideStrings(text, func(s string) string {
		return stateChain().ReplaceAllStringFunc(s, func(chain string) string {
			v, parts := st, strings.Split(chain, ".")
			for i := 1; i < len(parts) && v.Kind() == state.Object; i++ {
				name := strings.TrimSuffix(parts[i], "?")
				next := v.Node().Get(name)
				if next.IsAbsent() {
					near := fault.Near(name, members(v), 1)
					if near == nil || !isName(near[0]) {
						break
					}
					parts[i] = strings.Replace(parts[i], name, near[0], 1)
					next = v.Node().Get(near[0])
				}
				v = next
			}
			return strings.Join(parts, ".")
		})
	})
}

// members returns the keys of an object.
func members(v state.Value) (keys []string) {
	if v.Kind() == state.Object {
		v.Node().Each(func(k string, _ state.Value) bool { keys = append(keys, k); return true })
	}
	return keys
}

// isName reports whether a key can stand after a dot.
func isName(key string) bool {
	for i, r := range key {
		if r != '_' && r != '$' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return key != ""
}
