package cmd

import (
	"github.com/spf13/pflag"

	"asof/inspect"
	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/fold/js"
)

// conditionFlags say which states are bad.
type conditionFlags struct{ bad, good string }

func (f *conditionFlags) add(fl *pflag.FlagSet) {
	fl.StringVar(&f.bad, "bad", "", "a state is bad if this JavaScript expression over state and event is true")
	fl.StringVar(&f.good, "good", "", "a state is good if this JavaScript expression is true, otherwise bad")
}

func (f conditionFlags) given() bool { return f.bad != "" || f.good != "" }

// condition compiles the expression. Each call makes one of its own.
func (a *app) condition(f conditionFlags) (inspect.Condition, error) {
	switch {
	case f.bad != "" && f.good != "":
		return inspect.Condition{}, usagef("give one of them", "both --bad and --good")
	case f.bad != "":
		return compile("--bad", f.bad, false, a.limits())
	default:
		return compile("--good", f.good, true, a.limits())
	}
}

// compile compiles an expression. name is what errors call it.
func compile(name, expr string, good bool, limits js.Limits) (inspect.Condition, error) {
	p, err := js.CompilePredicate(expr, name, limits)
	if err != nil {
		return inspect.Condition{}, err
	}
	text := expr
	if good {
		text = "not (" + expr + ")"
	}
	return inspect.Condition{Text: text, Predicate: p, Good: good}, nil
}

// typed is the condition as it is typed.
func (f conditionFlags) typed() []string {
	return typedCondition(ask.Condition{Bad: f.bad, Good: f.good})
}

// conditionWarnings says what an expression noticed, such as numbers that it
// rounded.
func (a *app) conditionWarnings(c inspect.Condition) {
	if w, ok := c.Predicate.(replay.Warner); ok {
		for _, text := range w.Warnings() {
			a.note("warning", text)
		}
	}
}
