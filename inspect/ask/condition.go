package ask

import (
	"asof/inspect"
	"asof/inspect/check"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/workspace"
)

// A Condition defines bad states by one of two expressions: Bad is true of them, or
// Good is not.
type Condition struct {
	Bad  string `json:"bad,omitempty" jsonschema:"a state is bad if this JavaScript expression over state and event is true"`
	Good string `json:"good,omitempty" jsonschema:"a state is good if this JavaScript expression is true, otherwise bad"`
}

// Given reports whether there is a condition.
func (c Condition) Given() bool { return c.Bad != "" || c.Good != "" }

// Check rejects a condition with both expressions.
func (c Condition) Check() error {
	if c.Bad != "" && c.Good != "" {
		return workspace.Usagef("give one of them", "both bad and good are given")
	}
	return nil
}

// compile compiles the expression, and returns what it names. Each call makes a predicate
// of its own.
func (c Condition) compile(w *workspace.Workspace) (inspect.Condition, *js.Mentions, error) {
	if err := c.Check(); err != nil {
		return inspect.Condition{}, nil, err
	}
	rule := newCheckRule(c.name(w), c, nil)
	cond, err := rule.compile(w.ScriptLimits())
	return cond, rule.mentions, err
}

// noteAbsent notes the members that an expression names and that nothing had.
func noteAbsent(w *workspace.Workspace, m *js.Mentions) {
	for _, text := range m.Absent() {
		w.Note(check.NoticeAbsent, text)
	}
}

// name is how errors call the expression.
func (c Condition) name(w *workspace.Workspace) string {
	if c.Good != "" {
		return w.Option("good")
	}
	return w.Option("bad")
}

// noteCondition passes on remarks of an expression, such as rounded numbers.
func noteCondition(w *workspace.Workspace, c inspect.Condition) {
	if warner, ok := c.Predicate.(replay.Warner); ok {
		for _, text := range warner.Warnings() {
			w.Note("warning", text)
		}
	}
}
