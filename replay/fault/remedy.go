package fault

import "strings"

// A Remedy is advice about an error that any front end can print: it names options and
// verbs, and each front end writes them its own way.
type Remedy struct {
	Near    []string // what may be meant: similar names, nearest first
	For     string   // the text of the question that Near replaces; empty: unknown
	Instead string   // what replaces For, if not the first of Near
	Said    []string // names to choose from that Text or the message has, for programs
	Text    string   // a clause: "choose one of its applications"
	Set     []Option // options to set, on the same question or on Ask
	Drop    []string // options to leave out
	Ask     string   // the verb that helps: "streams", "audit export"
	On      []string // arguments of Ask, such as a store
	Redo    bool     // the same question with Set, and without Drop, is answered
}

// An Option names an option, such as "context", and the values to choose from. With no
// values, the remedy's text says what to set.
type Option struct {
	Name   string
	Values []string
}

// Try returns a remedy that is text alone.
func Try(text string) Remedy { return Remedy{Text: text} }

// With returns r with an option to set.
func (r Remedy) With(option string, values ...string) Remedy {
	r.Set = append(r.Set[:len(r.Set):len(r.Set)], Option{Name: option, Values: values})
	return r
}

// Without returns r with options to leave out.
func (r Remedy) Without(options ...string) Remedy {
	r.Drop = options
	return r
}

// Anew returns r as one that says how to ask the same question again: with its options
// set, and without those to leave out.
func (r Remedy) Anew() Remedy {
	r.Redo = true
	return r
}

// By returns r with the verb that helps, and its arguments.
func (r Remedy) By(verb string, args ...string) Remedy {
	r.Ask, r.On = verb, args
	return r
}

// String formats the remedy for logs and tests, in the syntax of no front end.
func (r Remedy) String() string {
	words := []string{r.Text}
	if len(r.Near) > 0 {
		words = []string{"did you mean " + strings.Join(r.Near, ", ") + "?", r.Text}
	}
	for _, o := range r.Set {
		words = append(words, "["+strings.TrimRight(o.Name+" "+strings.Join(o.Values, "|"), " ")+"]")
	}
	for _, name := range r.Drop {
		words = append(words, "[no "+name+"]")
	}
	if r.Ask != "" {
		words = append(words, "("+strings.Join(append([]string{r.Ask}, r.On...), " ")+")")
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

// Or returns r, or other when r is zero.
func (r Remedy) Or(other Remedy) Remedy {
	if r.IsZero() {
		return other
	}
	return r
}

// IsZero reports whether there is nothing to do.
func (r Remedy) IsZero() bool {
	return r.Text == "" && r.Instead == "" && len(r.Near)+len(r.Set)+len(r.Drop) == 0 && r.Ask == ""
}
