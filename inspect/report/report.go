package report

import (
	"context"
	"fmt"

	"asof/inspect/bisect"
	"asof/inspect/whatif"
	"asof/inspect/why"
	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// A Report is the history of a timeline over a range.
type Report struct {
	Store      string // as it was named
	Stream     string // or the name of the timeline
	Many       bool   // the timeline has the events of many streams
	Projection string
	Guessed    bool // no fold was given
	ArrayKeys  []string

	From, To replay.Moment // the range: events after From, up to To
	Opening  state.Value   // the state at From
	Closing  state.Value   // the state at To
	Entries  []Entry
	Marks    []Mark // in the order of the timeline
	Account  replay.Account

	Findings []Finding
	Note     string   // of the author, as Markdown
	Withheld []string // paths that are erased from all of it
	Remarks  []string // what the answers do not cover
}

// An Entry is one event, with what it changed.
type Entry struct {
	Moment  replay.Moment
	Event   *replay.Event
	Handled bool
	Unread  string // why the payload could not be folded; empty: it could
	Changes []Change
}

// A Change is a change of the state. If Splice is set, From and To are absent: they are
// long texts that differ in one place.
type Change struct {
	state.Change
	Splice *Splice
}

// A Mark is a point of the range whose state is kept whole.
type Mark struct {
	Moment replay.Moment
	Name   string // why it is marked
	State  state.Value
}

// A Finding is an answer to why the state is bad.
type Finding struct {
	Invariant string // its name in the project file; empty: the condition was asked for
	Bisect    *bisect.Result
	Why       *why.Answer // where the value that is wrong comes from; nil: not known
	Whatif    []Whatif
	Errors    []string // questions that could not be answered
}

// A Whatif is the end of the range had an event not happened.
type Whatif struct {
	Without *replay.Event
	Moment  replay.Moment // of the event
	Result  *whatif.Result
}

// Options bound a report.
type Options struct {
	// Marked names the moments whose states are kept whole. They are in the range.
	Marked []Mark

	// Limit is the most bytes of events and changes. Zero: [MaxBytes].
	Limit int64

	// Hide replaces a text or a name of the states in which a redaction erased something: the fold
	// may have put it together again. Nil: none.
	Hide func(text string) string

	// Progress is called after each event of the range; it may be nil.
	Progress func()
}

// MaxBytes bounds the events and changes of a report. A page larger than that opens in no
// browser, and the report is in memory until it is written.
const MaxBytes = 256 << 20

// A SizeError means that a range has too much in it for one page.
type SizeError struct {
	Stream string
	Events int // that fit
	Last   replay.Moment
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("%s is too large for one page: it would take more than %d MB from %s on", e.Stream, MaxBytes>>20, e.Last.Label())
}

// Class returns [fault.Usage].
func (*SizeError) Class() fault.Class { return fault.Usage }

// Fault returns [fault.KindUsage].
func (*SizeError) Fault() fault.Kind { return fault.KindUsage }

// Remedy returns what to do next.
func (e *SizeError) Remedy() fault.Remedy {
	return fault.Try("report on a part of it, such as " + e.Stream + "@head~1000..head")
}

// New collects the events of an interval and the states they led to.
func New(ctx context.Context, s replay.Subject, i replay.Interval, o Options) (*Report, error) {
	s = s.Counting()
	r := &Report{
		Stream: s.Timeline.Name, Many: s.Timeline.Many, Projection: s.Fold.Reducer.Name(), ArrayKeys: s.Fold.ArrayKeys,
		From: i.From, To: i.To,
	}
	c := collector{report: r, keys: s.Fold.ArrayKeys, left: o.Limit, o: o, hidden: newHider(o.Hide)}
	if c.left == 0 {
		c.left = MaxBytes
	}
	if err := c.run(ctx, s); err != nil {
		return nil, err
	}
	var err error
	r.Account, err = s.Account(ctx)
	return r, err
}

// A collector builds a report along one fold.
type collector struct {
	report *Report
	keys   []string
	labels *state.Labeler
	left   int64
	o      Options
	hidden *hider
}

// open sets the opening state, and the marks at it.
func (c *collector) open(root state.Value) {
	c.report.Opening = c.shown(root)
	c.report.Closing = c.report.Opening
	c.labels = state.NewLabeler(state.Clone(root), state.DiffOptions{ArrayKeys: c.keys})
	c.mark(c.report.From, root)
}

// run folds the history once, up to the end of the range.
func (c *collector) run(ctx context.Context, s replay.Subject) error {
	from := c.report.From
	run := s.FoldFrom(ctx, from)
	run.Changes, run.WholeEvents = true, true
	switch {
	case from.IsStart():
		run.Start = c.open
	case run.Covers(from):
		c.open(run.Root)
	}
	for step, err := range run.Steps(ctx, c.report.To) {
		if err != nil {
			return err
		}
		switch {
		case from.IsStart() || run.Last > from.Version():
			err = c.add(s.Timeline.Moment(step.Event), step)
		case run.Last == from.Version():
			c.open(step.Root)
		}
		if err != nil {
			return err
		}
	}
	if err := run.Tally.Readable(); err != nil {
		return err
	}
	if len(c.report.Entries) > 0 {
		c.report.Closing = c.shown(run.Root)
	}
	return nil
}

// add adds a step.
func (c *collector) add(at replay.Moment, step *replay.Step) error {
	if err := c.labels.Label(step.Changes); err != nil {
		return err
	}
	e := Entry{Moment: at, Event: step.Event.Clone(), Handled: step.Handled, Unread: step.Unread}
	c.left -= int64(len(step.Event.Data) + len(step.Event.Meta.Raw) + entryBytes)
	for _, change := range step.Changes {
		one := compact(c.hidden.change(change))
		c.left -= one.size()
		if c.left < 0 {
			break
		}
		e.Changes = append(e.Changes, one)
	}
	if c.left < 0 {
		return &SizeError{Stream: c.report.Stream, Events: len(c.report.Entries), Last: at}
	}
	c.report.Entries = append(c.report.Entries, e)
	c.mark(at, step.Root)
	if c.o.Progress != nil {
		c.o.Progress()
	}
	return nil
}

// entryBytes is the approximate size of an event on the page, without its payload.
const entryBytes = 300

// mark keeps the state of a marked moment.
func (c *collector) mark(at replay.Moment, root state.Value) {
	for _, m := range c.o.Marked {
		same := m.Moment.IsStart() == at.IsStart()
		if same && !at.IsStart() {
			same = m.Moment.Version() == at.Version()
		}
		if same {
			c.report.Marks = append(c.report.Marks, Mark{Moment: at, Name: m.Name, State: c.shown(root)})
		}
	}
}
