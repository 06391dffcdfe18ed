package ask

import (
	"asof/inspect"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/workspace"
)

// A Condition says which states are bad: those of which one expression holds, or
// those of which the other does not.
type Condition struct {
	Bad  string `json:"bad,omitempty" jsonschema:"a state is bad if this JavaScript expression over state and event holds"`
	Good string `json:"good,omitempty" jsonschema:"a state is good if this JavaScript expression holds, and bad if it does not"`
}

// Given reports whether there is a condition.
func (c Condition) Given() bool { return c.Bad != "" || c.Good != "" }

// Check refuses a condition that contradicts itself.
func (c Condition) Check() error {
	if c.Bad != "" && c.Good != "" {
		return workspace.Usagef("give one of them", "both --bad and --good")
	}
	return nil
}

// compile compiles the expression. Each call makes a predicate of its own.
func (c Condition) compile(limits js.Limits) (inspect.Condition, error) {
	if err := c.Check(); err != nil {
		return inspect.Condition{}, err
	}
	name, expr, text := "--bad", c.Bad, c.Bad
	if c.Good != "" {
		name, expr, text = "--good", c.Good, "not ("+c.Good+")"
	}
	p, err := js.CompilePredicate(expr, name, limits)
	if err != nil {
		return inspect.Condition{}, err
	}
	return inspect.Condition{Text: text, Predicate: p, Good: c.Good != ""}, nil
}

// noteCondition notes what an expression noticed, such as numbers that it rounded.
func noteCondition(w *workspace.Workspace, c inspect.Condition) {
	if warner, ok := c.Predicate.(replay.Warner); ok {
		for _, text := range warner.Warnings() {
			w.Note("warning", text)
		}
	}
}
