package wire

import (
	"asof/inspect"
	"asof/inspect/whatif"
	"asof/replay"
	"asof/replay/state"
)

// Replayed is a state, or its part at path.
type Replayed struct {
	Moment     Moment           `json:"moment"`
	Projection string           `json:"projection"`
	Path       string           `json:"path,omitempty"`
	Label      string           `json:"label,omitempty"` // the path with keys of array elements
	State      Value            `json:"state"`
	Events     int64            `json:"events"`    // as in the account
	Unhandled  map[string]int64 `json:"unhandled"` // as in the account
	Account    Account          `json:"account"`
}

// NewReplayed converts the part of a state at path. It returns a [state.PathError] if the
// path does not exist.
func NewReplayed(r *inspect.Replayed, path state.Path) (Replayed, error) {
	pointer, err := path.Find(r.State)
	if err != nil {
		return Replayed{}, err
	}
	v, err := state.Lookup(r.State, pointer)
	account := NewAccount(r.Account)
	return Replayed{
		Moment: NewMoment(r.Moment), Projection: r.Projection, Path: pointer, State: Value(v),
		Label:  state.NewLabeler(r.State, state.DiffOptions{}).LabelOf(pointer),
		Events: account.Events, Unhandled: account.Unhandled, Account: account,
	}, err
}

// A Step is the state after one event of several.
type Step struct {
	Moment  Moment `json:"moment"`
	Handled bool   `json:"handled"`
	State   Value  `json:"state"`
	Cursor  string `json:"cursor,omitempty"` // as of a log
}

// NewStep converts s. The result is valid until the next step.
func NewStep(s *replay.Step, at replay.Moment) Step {
	return Step{Moment: NewMoment(at), Handled: s.Handled, State: Value(s.Root)}
}

// An Effect is an action that a projection requested at an event.
type Effect struct {
	Moment   Moment  `json:"moment"`
	Kind     string  `json:"kind"`
	Stream   *string `json:"stream"`
	Type     *string `json:"type"`
	Link     *string `json:"link"`
	Body     Value   `json:"body"`
	Metadata Value   `json:"metadata"`
	Text     *string `json:"text"`
	Cursor   string  `json:"cursor,omitempty"` // as of a log
}

// Emitted is an effect as the engine returns it.
type Emitted struct {
	Kind, Stream, Type, Link string
	Body, Meta               []byte
	Text                     string
}

// NewEffect converts e.
func NewEffect(at replay.Moment, e Emitted) Effect {
	return Effect{
		Moment: NewMoment(at), Kind: e.Kind, Stream: text(&e.Stream), Type: text(&e.Type), Link: text(&e.Link),
		Body: parsed(e.Body), Metadata: parsed(e.Meta), Text: text(&e.Text),
	}
}

// parsed returns b parsed as JSON, or null if it is not JSON.
func parsed(b []byte) Value {
	v, err := state.Parse(b)
	if err != nil {
		v = state.NullValue()
	}
	return Value(v)
}

// Diffed lists the changes between two points.
type Diffed struct {
	From           Moment   `json:"from"`
	To             Moment   `json:"to"`
	FromProjection string   `json:"from_projection"`
	ToProjection   string   `json:"to_projection"`
	Parted         *Moment  `json:"parted,omitempty"` // for two folds, the first event after which they differ
	Account        Account  `json:"account"`
	ToAccount      *Account `json:"to_account,omitempty"` // if to has another timeline or another fold
	Changes        []Change `json:"changes,omitzero"`
	Stat           *Stat    `json:"stat,omitempty"` // instead of changes, if requested
}

// A Stat counts changes by kind.
type Stat struct {
	Added    int64 `json:"added"`
	Removed  int64 `json:"removed"`
	Replaced int64 `json:"replaced"`
}

// NewDiffed converts d, with counts instead of the changes if stat is set.
func NewDiffed(d *inspect.Diffed, stat bool) Diffed {
	all := Diffed{
		From: NewMoment(d.From), To: NewMoment(d.To), FromProjection: d.FromFold, ToProjection: d.ToFold,
		Parted: momentAt(d.Parted), Account: NewAccount(d.Account),
	}
	if d.Other.Events > 0 {
		other := NewAccount(d.Other)
		all.ToAccount = &other
	}
	if stat {
		all.Stat = newStat(d.Changes)
	} else {
		all.Changes = NewChanges(d.Changes)
	}
	return all
}

func newStat(cs []state.Change) *Stat {
	var n Stat
	for _, c := range cs {
		switch c.Op {
		case state.OpAdd:
			n.Added++
		case state.OpRemove:
			n.Removed++
		case state.OpReplace:
			n.Replaced++
		}
	}
	return &n
}

// AllDiffed summarizes the changes of all streams between two moments.
type AllDiffed struct {
	From       Moment         `json:"from"`
	To         Moment         `json:"to"`
	Streams    int64          `json:"streams"`
	Changed    int64          `json:"changed"`
	Categories []CategoryDiff `json:"categories"`
	Largest    []StreamDiff   `json:"largest"`
	More       int64          `json:"more"` // changed streams after those that largest lists
	Account    Account        `json:"account"`
	Cursor     string         `json:"cursor,omitempty"` // only if largest is cut
}

// CategoryDiff counts the changes in the streams of a category.
type CategoryDiff struct {
	Category *string `json:"category"`
	Streams  int64   `json:"streams"`
	Changed  int64   `json:"changed"`
	New      int64   `json:"new"`
	Events   int64   `json:"events"`
	Stat     Stat    `json:"stat"`
}

// StreamDiff counts the changes in a stream. FromVersion is null for a new stream.
type StreamDiff struct {
	Stream      string  `json:"stream"`
	Category    *string `json:"category"`
	New         bool    `json:"new"`
	FromVersion *int64  `json:"from_version"`
	ToVersion   int64   `json:"to_version"`
	Events      int64   `json:"events"`
	Stat        Stat    `json:"stat"`
}

// NewAllDiffed converts d.
func NewAllDiffed(d *inspect.AllDiffed) AllDiffed {
	all := AllDiffed{
		From: NewMoment(d.From), To: NewMoment(d.To), Streams: d.Streams, Changed: d.Changed, More: d.More,
		Categories: make([]CategoryDiff, len(d.Categories)), Largest: make([]StreamDiff, len(d.Largest)),
		Account: NewAccount(replay.Account{Tally: d.Tally, Incomplete: d.Incomplete}),
	}
	for i := range d.Categories {
		c := &d.Categories[i]
		all.Categories[i] = CategoryDiff{
			Category: text(&c.Category), Streams: c.Streams, Changed: c.Changed, New: c.New, Events: c.Events,
			Stat: Stat{c.Added, c.Removed, c.Replaced},
		}
	}
	for i := range d.Largest {
		s := &d.Largest[i]
		one := StreamDiff{
			Stream: string(s.Stream), Category: text(&s.Category), New: s.New, ToVersion: int64(s.To), Events: s.Events,
			Stat: Stat{s.Added, s.Removed, s.Replaced},
		}
		if !s.New {
			one.FromVersion = (*int64)(&s.From)
		}
		all.Largest[i] = one
	}
	return all
}

// Imagined is the state after an edited history, and its changes.
type Imagined struct {
	Simulated  bool     `json:"simulated"` // always true
	Moment     Moment   `json:"moment"`
	Projection string   `json:"projection"`
	Edits      []string `json:"edits"`
	Path       *string  `json:"path"`
	Label      string   `json:"label,omitempty"` // the path with keys of array elements
	Changes    []Change `json:"changes"`
	State      Value    `json:"state"`
	Events     int64    `json:"events"`
	Account    Account  `json:"account"`
}

// NewImagined converts w.
func NewImagined(w *whatif.Result) Imagined {
	edits := make([]string, len(w.Edits))
	for i, e := range w.Edits {
		edits[i] = e.Text
	}
	return Imagined{
		Simulated: true, Moment: NewMoment(w.At), Projection: w.Projection, Edits: edits, Path: text(&w.Path), Label: w.Label,
		Changes: NewChanges(w.Changes), State: Value(w.Would), Events: w.WouldTally.Events, Account: NewAccount(w.Account),
	}
}
