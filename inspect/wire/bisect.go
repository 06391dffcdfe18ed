package wire

import (
	"asof/inspect/bisect"
	"asof/inspect/why"
)

// Bisected is the event that caused the bad state. Fields that do not apply to the
// verdict are null.
type Bisected struct {
	Stream         string     `json:"stream"`
	Predicate      string     `json:"predicate"`
	Verdict        string     `json:"verdict"` // found, never_bad, always_bad or inconclusive
	From           Moment     `json:"from"`
	To             Moment     `json:"to"`
	Culprit        *Event     `json:"culprit"`
	Before         *Moment    `json:"before"`
	After          *Moment    `json:"after"`
	Changes        []Change   `json:"changes"`
	Flips          []Flip     `json:"flips"` // the first of flip_count
	FlipCount      int64      `json:"flip_count"`
	Candidates     []Event    `json:"candidates"` // the first of candidate_count
	CandidateCount int64      `json:"candidate_count"`
	Tests          int64      `json:"tests"`
	Exact          bool       `json:"exact"`    // every state was tested
	Unsteady       bool       `json:"unsteady"` // the search found a good state after a bad one
	ToBad          bool       `json:"to_bad"`   // the state at to is bad
	Recovered      *Moment    `json:"recovered"`
	Without        *Without   `json:"without"`
	Cause          *Cause     `json:"cause"`
	Account        Account    `json:"account"`
	Next           [][]string `json:"next,omitzero"` // commands to try, as arguments
}

// A Cause is the changed value that makes the state bad, and the input of it that another
// event set: with its earlier value, the state would be good.
type Cause struct {
	Path  string       `json:"path"`
	Label string       `json:"label,omitempty"` // the path with keys of array elements
	Value Value        `json:"value"`
	Input *CauseInput  `json:"input"` // null: no single input of another event
	Or    []CauseInput `json:"or"`    // other values that would do
}

// A CauseInput is such an input, with the event that set it.
type CauseInput struct {
	Path    string     `json:"path"`
	Label   string     `json:"label,omitempty"` // the path with keys of array elements
	Value   Value      `json:"value"`
	Earlier Value      `json:"earlier"`
	Would   Value      `json:"would"` // the changed value with the earlier one
	Event   *EventHead `json:"event"`
}

func causeOf(c *why.Cause) *Cause {
	if c == nil {
		return nil
	}
	x := &Cause{Path: c.Path, Label: c.Label, Value: Value(c.Value), Or: make([]CauseInput, len(c.Or))}
	if c.Input != nil {
		in := newCauseInput(c.Input)
		x.Input = &in
	}
	for i, in := range c.Or {
		x.Or[i] = newCauseInput(in)
	}
	return x
}

func newCauseInput(in *why.Input) CauseInput {
	return CauseInput{
		Path: in.Path, Label: in.Label, Value: Value(in.Value), Earlier: Value(in.Earlier), Would: Value(in.Would), Event: headOf(in.By.Event),
	}
}

// A Flip is a version at which the state becomes bad, or good again.
type Flip struct {
	Version int64 `json:"version"`
	Bad     bool  `json:"bad"`
}

// Without is the outcome of the history without the culprit.
type Without struct {
	Simulated bool    `json:"simulated"` // always true
	ToBad     bool    `json:"to_bad"`
	FirstBad  *Moment `json:"first_bad"`
	Error     *string `json:"error"`
}

// NewBisected converts b.
func NewBisected(b *bisect.Result) Bisected {
	all := Bisected{
		Stream: b.Stream, Predicate: b.Predicate, Verdict: string(b.Verdict), From: NewMoment(b.From), To: NewMoment(b.To),
		Changes: NewChanges(b.Changes), Flips: make([]Flip, len(b.Flips)), FlipCount: b.FlipCount, Candidates: events(b.Candidates),
		CandidateCount: b.CandidateCount, Tests: b.Tests, Exact: b.Exact, Unsteady: b.Unsteady, ToBad: b.ToBad,
		Recovered: momentAt(b.Recovered), Account: NewAccount(b.Account),
	}
	if b.Culprit != nil {
		culprit := NewEvent(b.Culprit)
		all.Culprit, all.Before, all.After = &culprit, momentAt(&b.Before), momentAt(&b.After)
	}
	all.Cause = causeOf(b.Cause)
	for i, f := range b.Flips {
		all.Flips[i] = Flip{Version: int64(f.Version), Bad: f.Bad}
	}
	if w := b.Without; w != nil {
		all.Without = &Without{Simulated: true, ToBad: w.ToBad, FirstBad: momentAt(w.FirstBad), Error: failure(w.Err)}
	}
	return all
}

// A Search is a search that asked questions or ran a command, as far as it came.
type Search struct {
	Store      string       `json:"store"`
	Stream     string       `json:"stream"` // or proj:NAME
	From       *int64       `json:"from"`   // versions; null is the start
	To         *int64       `json:"to"`
	Folds      []string     `json:"folds"`
	Projection *string      `json:"projection"`
	Strict     bool         `json:"strict"`
	Dialect    *string      `json:"dialect"`
	TermOld    *string      `json:"term_old"`
	TermNew    *string      `json:"term_new"`
	Run        *string      `json:"run"` // the command that judges
	Marks      []SearchMark `json:"marks"`
}

// A SearchMark is a tested state.
type SearchMark struct {
	Version *int64 `json:"version"` // null is the start of the range
	Mark    string `json:"mark"`    // good, bad or skip
}

// NewSearch converts r.
func NewSearch(r *bisect.Record) Search {
	all := Search{
		Store: r.Store, Stream: r.Stream, From: r.From, To: r.To, Folds: texts(r.Folds), Projection: text(&r.Projection),
		Strict: r.Strict, Dialect: text(&r.Dialect), TermOld: text(&r.TermOld), TermNew: text(&r.TermNew), Run: text(&r.Run),
		Marks: make([]SearchMark, len(r.Marks())),
	}
	for i, m := range r.Marks() {
		all.Marks[i] = SearchMark{Version: m.Version, Mark: string(m.Mark)}
	}
	return all
}

// Reset says whether there was a search to forget.
type Reset struct {
	Forgotten bool `json:"forgotten"`
}
