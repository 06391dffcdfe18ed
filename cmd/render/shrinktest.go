package render

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"asof/inspect/ask"
	"asof/inspect/wire"
	"asof/replay"
	"asof/replay/state"
)

// A Case is a failing example for a test suite: given these events, when they are folded,
// then the state is not bad.
type Case struct {
	Stream string
	From   string // source of the events, for people
	Fold   ask.CaseFold
	Expr   string // in JavaScript, over state and event
	Good   bool   // a state is good if Expr is true; otherwise if it is false
	Events []*replay.Event
	State  state.Value // result of the fold when the case was written
}

// holds returns the expression that a good state satisfies.
func (c *Case) holds() string {
	if c.Good {
		return c.Expr
	}
	return "!(" + c.Expr + ")"
}

// comment returns the lines of the comment at the top of each test.
func (c *Case) comment() []string {
	lines := []string{
		"Written by asof shrink: the fewest events of " + Safe(c.Stream) + " (" + Safe(c.From) + ")",
		"that still give a bad state. This test fails as long as they do.",
	}
	return lines
}

// name returns the test's name: the letters and digits of the stream.
func (c *Case) name() string {
	var b strings.Builder
	up := true
	for _, r := range c.Stream {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			up = true
			continue
		}
		if up {
			r = unicode.ToUpper(r)
		}
		up = false
		b.WriteRune(r)
	}
	return b.String()
}

//go:embed shrink_case.js
var caseJS string

// JavaScript returns the case as a test for node:test. The test of a script or merge
// includes the projection and runs unchanged.
func (c *Case) JavaScript() []byte {
	var b strings.Builder
	for _, l := range c.comment() {
		b.WriteString("// " + l + "\n")
	}
	b.WriteString("// Run it with: node FILE\n'use strict';\n\n")
	quoted := func(s string) string { return string(state.AppendQuoted(nil, s)) }
	fmt.Fprintf(&b, "const given = [\n")
	for _, e := range c.Events {
		fmt.Fprintf(&b, "  %s,\n", caseEvent(e))
	}
	fmt.Fprintf(&b, "];\n\n// What was folded: %s\nconst kind = %s;\n", Safe(c.Fold.Name), quoted(string(c.Fold.Kind)))
	switch c.Fold.Kind {
	case ask.FoldScript, ask.FoldInline:
		b.WriteString("const source = [\n")
		for line := range strings.SplitSeq(strings.TrimRight(c.Fold.Source, "\n"), "\n") {
			fmt.Fprintf(&b, "  %s,\n", quoted(line))
		}
		b.WriteString("].join('\\n');\n")
	default:
		b.WriteString("const source = '';\n")
	}
	if c.Fold.Kind == ask.FoldOther {
		b.WriteString("\n// Fold with your own code: return the state after the event.\n" +
			"function ownInit() { throw new Error('write your initial state here'); }\n" +
			"function ownFold(state, event) { throw new Error('call your own fold here'); }\n")
	} else {
		b.WriteString("const ownInit = null, ownFold = null;\n")
	}
	fmt.Fprintf(&b, "\n// The expected state.\nfunction isGood(state, event) {\n  const s = state, e = event;\n  return (%s);\n}\nconst condition = %s;\n\n",
		c.holds(), quoted(c.holds()))
	b.WriteString("const name = " + quoted(c.Stream+" does not end in the bad state") + ";\n\n")
	b.WriteString(caseJS)
	return []byte(b.String())
}

// caseEvent is an event in a test.
func caseEvent(e *replay.Event) string {
	n := state.NewObject()
	text := func(name, s string) {
		n.Set(name, state.NullValue())
		if s != "" {
			n.Set(name, state.StringValue(s))
		}
	}
	number := func(name string, i int64) { n.Set(name, state.NumberValue(strconv.FormatInt(i, 10))) }
	n.Set("stream", state.StringValue(string(e.Stream)))
	text("category", e.Category)
	number("version", int64(e.Version))
	n.Set("position", state.NullValue())
	if e.Position != replay.NoPosition {
		number("position", int64(e.Position))
	}
	text("id", e.ID)
	n.Set("type", state.StringValue(e.Type))
	number("revision", int64(e.Revision))
	at := ""
	if !e.Time.IsZero() {
		at = e.Time.UTC().Format(time.RFC3339Nano)
	}
	text("time", at)
	text("actor", e.Meta.Actor)
	var b wire.Bodies
	data, opaque := b.Payload(e)
	n.Set("data", data)
	if opaque != "" {
		n.Set("opaque", state.StringValue(opaque))
	}
	n.Set("metadata", b.Metadata(e))
	return string(state.AppendJSON(nil, n.Value()))
}

// Go returns the case as the skeleton of a Go test.
func (c *Case) Go() []byte {
	var b strings.Builder
	b.WriteString("package yours // the package of your fold\n\nimport (\n\t\"encoding/json\"\n\t\"testing\"\n)\n\n")
	fmt.Fprintf(&b, "// Test%sStaysGood was written by asof shrink: the fewest events of\n// %s (%s) that\n// still give a bad state. It fails as long as they do.\n",
		c.name(), Safe(c.Stream), Safe(c.From))
	fmt.Fprintf(&b, "func Test%sStaysGood(t *testing.T) {\n", c.name())
	b.WriteString("\tgiven := []struct{ kind, data string }{\n")
	for _, e := range c.Events {
		data, _ := new(wire.Bodies).Payload(e)
		fmt.Fprintf(&b, "\t\t{%s, %s}, // version %d\n", strconv.Quote(e.Type), goText(string(state.AppendJSON(nil, data))), e.Version)
	}
	b.WriteString("\t}\n\tvar state State // yours\n\tfor _, e := range given {\n\t\tif err := state.Apply(e.kind, json.RawMessage(e.data)); err != nil { // yours\n")
	b.WriteString("\t\t\tt.Fatalf(\"%s: %v\", e.kind, err)\n\t\t}\n\t}\n")
	fmt.Fprintf(&b, "\t// expected, in JavaScript: %s\n", Safe(c.holds()))
	fmt.Fprintf(&b, "\t// the state is now\n\t//\t%s\n", Safe(string(state.AppendJSON(nil, c.State))))
	b.WriteString("\tif !isGood(state) { // write it in Go\n\t\tt.Errorf(\"the state is bad: %+v\", state)\n\t}\n}\n")
	return []byte(b.String())
}

// goText returns a Go string literal, raw if possible.
func goText(s string) string {
	if strconv.CanBackquote(s) {
		return "`" + s + "`"
	}
	return strconv.Quote(s)
}

// Python returns the case as the skeleton of a test for Python's eventsourcing.
func (c *Case) Python() []byte {
	var b strings.Builder
	for _, l := range c.comment() {
		b.WriteString("# " + l + "\n")
	}
	b.WriteString("import json\nimport unittest\n\n# from yours import Aggregate, events\n\n\n")
	fmt.Fprintf(&b, "class Test%s(unittest.TestCase):\n    def test_stays_good(self):\n        given = [\n", c.name())
	for _, e := range c.Events {
		data, _ := new(wire.Bodies).Payload(e)
		fmt.Fprintf(&b, "            (%s, %d, %s),\n", pyText(e.Type), e.Version, pyText(string(state.AppendJSON(nil, data))))
	}
	b.WriteString("        ]\n        aggregate = None\n        for kind, version, data in given:\n            attributes = json.loads(data)\n")
	fmt.Fprintf(&b, "            # eventsourcing: an event mutates the aggregate, see DomainEvent.mutate\n            event = make_event(kind, %s, version, attributes)  # yours\n            aggregate = event.mutate(aggregate)\n", pyText(c.Stream))
	fmt.Fprintf(&b, "        # expected, in JavaScript: %s\n        # the state is now\n        #   %s\n", Safe(c.holds()), Safe(string(state.AppendJSON(nil, c.State))))
	b.WriteString("        self.assertTrue(is_good(aggregate), aggregate)  # write it in Python\n\n\nif __name__ == \"__main__\":\n    unittest.main()\n")
	return []byte(b.String())
}

// pyText returns a Python string literal. JSON escapes are valid in Python, except
// surrogate pairs.
func pyText(s string) string { return strconv.QuoteToASCII(s) }
