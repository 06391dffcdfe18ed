package scaffold

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"asof/replay"
)

// Lengths in a comment, in characters.
const (
	sampleLength = 200 // of a payload
	nameLength   = 80  // of a name
)

// script returns the projection of a part as JavaScript.
func (p *Part) script(from string) string {
	var b strings.Builder
	what := "the streams without a category"
	if p.Name != "" {
		what = "the streams of category " + comment(p.Name, nameLength)
	}
	fmt.Fprintf(&b, "// A first projection for %s, from %s.\n// It is yours to edit. The payloads in its comments are real data of the store.\n", what, comment(from, nameLength))
	b.WriteString("// s is the state, e an event: e.data, e.type, e.version, e.time, e.revision.\n")
	b.WriteString("fromAll().when({")
	p.unsure = nil
	for _, t := range p.Types {
		p.handler(&b, t)
	}
	if p.More > 0 {
		fmt.Fprintf(&b, "\n  // %s of other types, too many to list.\n  $any: (s, e) => {\n    count(s, e);\n  },\n", replay.Counted(p.More, "event", "events"))
	}
	b.WriteString("});\n")
	p.helpers(&b)
	return b.String()
}

// helpers returns the functions that the handlers call. Names of the store that every
// JavaScript object has, such as constructor, are counted and kept like any other.
func (p *Part) helpers(b *strings.Builder) {
	before := "counts[e.type] ?? 0"
	if p.More > 0 || slices.ContainsFunc(p.Types, func(t *Type) bool { return slices.Contains(inherited, t.Name) }) {
		before = "Object.hasOwn(counts, e.type) ? counts[e.type] : 0"
	}
	fmt.Fprintf(b, "\n// count counts the events of each type.\nfunction count(s, e) {\n  const counts = (%s ??= {});\n  counts[e.type] = (%s) + 1;\n}\n", member("s", p.counts), before)
	if strings.Contains(b.String(), "= under(") {
		b.WriteString("\n// under returns the object at a key, and creates it if missing.\nfunction under(all, key) {\n  if (typeof all[key] !== \"object\") all[key] = {};\n  return all[key];\n}\n")
	}
}

func (p *Part) handler(b *strings.Builder, t *Type) {
	b.WriteByte('\n')
	for _, r := range t.Revisions {
		b.WriteString("  // " + manyOf(r.Events, comment(t.Name, nameLength)))
		if r.Number != 0 {
			b.WriteString(", revision " + strconv.Itoa(r.Number))
		}
		switch {
		case r.sample != "":
			fmt.Fprintf(b, ", such as %s:\n  //   %s\n", comment(r.where, 2*nameLength), comment(r.sample, sampleLength))
		case r.unread != "":
			fmt.Fprintf(b, ": no payload can be read: %s\n", comment(r.unread, sampleLength))
		default:
			b.WriteByte('\n')
		}
	}
	if slices.Contains(special, t.Name) {
		b.WriteString("  // Left out: in a projection, " + t.Name + " is not an event type.\n")
		return
	}
	lines := p.ended(t, p.lines(t))
	fmt.Fprintf(b, "  %s: (s, e) => {\n", key(t.Name))
	if usesData(lines) {
		body := "e.data"
		if t.shape.odd > 0 {
			body = "e.data ?? {}"
		}
		fmt.Fprintf(b, "    const d = %s;\n", body)
	}
	for _, l := range lines {
		b.WriteString("    " + l + "\n")
	}
	b.WriteString("    count(s, e);\n  },\n")
}

// special are handlers that are not called for events of their name.
var special = []string{"$init", "$initShared", "$any", "$created", "$deleted"}

func usesData(lines []string) bool {
	for _, l := range lines {
		if strings.Contains(l, "d.") || strings.Contains(l, "d[") || strings.Contains(l, " in d)") {
			return true
		}
	}
	return false
}

// manyOf is a number of events of a type.
func manyOf(n int64, name string) string { return strconv.FormatInt(n, 10) + " × " + name }

// comment returns a one-line comment. It escapes what would end the comment or affect a
// terminal.
func comment(s string, most int) string {
	escaped := text(s)
	escaped = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(escaped[1 : len(escaped)-1])
	if r := []rune(escaped); len(r) > most {
		escaped = string(r[:most]) + " …"
	}
	return escaped
}

// ended adds the status to the statements of a type that ends a history, whatever else
// they do: an invariant tests it.
func (p *Part) ended(t *Type, lines []string) []string {
	set := member("s", p.status) + " = " + text(t.Name) + ";"
	if !ends(t.Name) || slices.Contains(lines, set) {
		return lines
	}
	return append([]string{set}, lines...)
}

// ends reports whether a type says that nothing comes after it.
func ends(name string) bool { return sign(name) == 0 && endsWith(name, endWords) }

// lines returns the statements of a handler.
func (p *Part) lines(t *Type) []string {
	switch {
	case t.gone:
		return []string{
			"for (const column of Object.keys(s)) if (column !== " + text(p.counts) + ") delete s[column];",
			member("s", p.status) + " = " + text(t.Name) + ";",
		}
	case t.bare || t.shape.seen == 0:
		return nil
	case t.shape.odd == t.shape.seen:
		return []string{"s[" + text(lower(t.Name)) + "] = e.data;"}
	}
	if a, ok := p.amount(t); ok {
		if a.money || !p.hasThing(t) {
			return p.amountLines(t, a)
		}
	}
	if i, ok := p.thing(t); ok {
		return p.thingLines(t, i)
	}
	if f, ok := p.one(t); ok {
		return oneLines(t, f)
	}
	return p.carried(t)
}

func (p *Part) hasThing(t *Type) bool { _, ok := p.thing(t); return ok }

// amountLines add or subtract an amount.
func (p *Part) amountLines(t *Type, a amount) []string {
	to := member("s", a.field.name)
	if a.money && p.balance != "" {
		to = member("s", p.balance)
	}
	lines := []string{guard(a.field, &t.shape, "d", added(to, member("d", a.field.name), a.sign))}
	for _, f := range t.shape.fields {
		if f != a.field && !f.namesStream() {
			lines = append(lines, carry("s", f, &t.shape, "d"))
		}
	}
	return lines
}

// added returns the statement that adds a value to a member, exactly.
func added(to, value string, sign int) string {
	op := "plus"
	if sign < 0 {
		op = "minus"
	}
	return fmt.Sprintf("%s = Decimal(%s ?? 0).%s(%s);", to, to, op, value)
}

// thingLines store or remove a thing by its key.
func (p *Part) thingLines(t *Type, i thing) []string {
	from := "d"
	if i.within != nil {
		from = member("d", i.within.name)
	}
	all, key := member("s", p.holder(i.key)), member(from, i.key.name)
	at := all + "[" + key + "]"
	if i.sign < 0 && i.quantity == nil {
		return []string{"if (" + all + ") delete " + at + ";"}
	}
	lines := []string{"const item = under(" + all + " ??= {}, " + key + ");"}
	if i.quantity != nil {
		quantity, value := member("item", i.quantity.name), member(from, i.quantity.name)
		if i.quantity.isWhole() {
			op := map[int]string{1: "+", -1: "-"}[i.sign]
			lines = append(lines, fmt.Sprintf("%s = (%s ?? 0) %s %s;", quantity, quantity, op, value))
		} else {
			lines = append(lines, added(quantity, value, i.sign))
		}
	}
	for _, f := range i.shape.fields {
		if f != i.key && f != i.quantity && !f.namesStream() {
			lines = append(lines, carry("item", f, i.shape, from))
		}
	}
	if i.within != nil {
		for _, f := range t.shape.fields {
			if f != i.within && !f.namesStream() {
				lines = append(lines, carry("s", f, &t.shape, "d"))
			}
		}
	}
	if i.sign < 0 {
		lines = append(lines, fmt.Sprintf("if (Number(%s) === 0) delete %s;", member("item", i.quantity.name), at))
	}
	return lines
}

// oneLines add a value to a list, or remove it.
func oneLines(t *Type, f *field) []string {
	list, value := member("s", plural(f.name)), member("d", f.name)
	if sign(t.Name) > 0 {
		return []string{list + " ??= [];", list + ".push(" + value + ");"}
	}
	same := "x !== " + value
	if f.objects > 0 {
		same = "JSON.stringify(x) !== JSON.stringify(" + value + ")"
	}
	return []string{fmt.Sprintf("%s = (%s ?? []).filter(x => %s);", list, list, same)}
}

// carried copies the fields into the state.
func (p *Part) carried(t *Type) []string {
	var lines []string
	if !endsWith(t.Name, changeWords) {
		lines = append(lines, member("s", p.status)+" = "+text(t.Name)+";")
	}
	for _, f := range t.shape.fields {
		lines = append(lines, carry("s", f, &t.shape, "d"))
	}
	if doubt := p.doubt(t); doubt != "" && !t.rows {
		lines = append(lines, "// Fill in: "+doubt)
		p.unsure = append(p.unsure, t.Name)
	}
	return lines
}

// doubt returns the remark for a handler that only copies what may have to be added up.
func (p *Part) doubt(t *Type) string {
	amounts := false
	for _, f := range t.shape.fields {
		adds := f.isAmount() && !f.namesStream() && endsWith(f.name, amountWords)
		switch {
		case p.balance != "" && (adds || f.isTotal()):
			return comment(f.name, nameLength) + " is not part of " + p.balance + "; add it here if it should be."
		case t.later && p.sums(f.name):
			return "this sets " + comment(f.name, nameLength) + ", which other events add to; decide here what it does to the sum."
		}
		amounts = amounts || adds || t.later && f.isTotal()
	}
	if adds := sign(t.Name) != 0; t.repeats && (adds || amounts) || adds && amounts {
		return "the last values are kept; change this if they add up or belong in a list."
	}
	return ""
}

// carry copies a field to a member of the same name.
func carry(to string, f *field, s *shape, from string) string {
	return guard(f, s, from, member(to, f.name)+" = "+member(from, f.name)+";")
}

// guard limits a statement to events with the field.
func guard(f *field, s *shape, from, statement string) string {
	if f.always(s) {
		return statement
	}
	if slices.Contains(inherited, f.name) {
		return "if (Object.hasOwn(" + from + ", " + text(f.name) + ")) " + statement
	}
	return "if (" + text(f.name) + " in " + from + ") " + statement
}
