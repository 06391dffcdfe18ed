package js

import (
	"cmp"
	"strings"

	"asof/replay"
)

// A Warning is a remark of a script about an event, or about none.
type Warning struct {
	Text string
	At   replay.Moment // zero: it is about no event
}

// Compare orders warnings as the events of a store are folded: by position, or stream
// after stream. Those about no event come first.
func (w Warning) Compare(o Warning) int {
	if w.At.IsStart() || o.At.IsStart() {
		return cmp.Compare(w.order(), o.order())
	}
	return cmp.Or(cmp.Compare(w.At.Position, o.At.Position), cmp.Compare(w.At.Stream, o.At.Stream), cmp.Compare(w.At.Version(), o.At.Version()))
}

func (w Warning) order() int {
	if w.At.IsStart() {
		return 0
	}
	return 1
}

const readsNumber = "a script reads the number "

// SameWarning reports whether two warnings differ at most in the numbers and the
// event that they name.
func SameWarning(a, b string) bool { return withoutNumber(a) == withoutNumber(b) }

func withoutNumber(warning string) string {
	if about, ok := strings.CutPrefix(warning, readsNumber); ok {
		_, about, _ = strings.Cut(about, " ")
		return about
	}
	if about, form, ok := strings.Cut(warning, writeExact); ok {
		place, _, _ := strings.Cut(about, ": ")
		return place + writeExact + form
	}
	return warning
}

// maxWarnings is the most warnings that one script collects.
const maxWarnings = 100

// warn adds a warning, once for each key.
func (e *engine) warn(key, msg string) {
	if e.warned[key] || len(e.warnings) >= maxWarnings || e.reads != nil {
		return
	}
	if e.warned == nil {
		e.warned = map[string]bool{}
	}
	e.warned[key] = true
	w := Warning{Text: msg}
	if e.event != nil && e.event.ev != nil {
		w.At = e.event.ev.Moment()
	}
	e.warnings = append(e.warnings, w)
}

// texts are the warnings as text.
func (e *engine) texts() []string {
	var all []string
	for _, w := range e.warnings {
		all = append(all, w.Text)
	}
	return all
}
