package why

import (
	"cmp"
	"slices"

	"asof/replay"
	"asof/replay/state"
)

// An Answer is where one value comes from.
type Answer struct {
	Moment     replay.Moment // of the question
	Projection string
	Account    replay.Account
	Root       *Node // the value of the question
	Nodes      []*Node
}

// A Node is a value of the state, and the event that set it.
type Node struct {
	ID     int
	Path   string      // after the event
	Label  string      // with keys of array elements, if it is named by any
	Value  state.Value // absent: the event removed it
	Asked  *Asked      // the path of the question; nil: of another value
	Moment replay.Moment
	Event  *replay.Event // without payload and metadata; nil: no event set it

	// Inputs are what the handler of the event read, if Open is set.
	Inputs []*Input
	Open   bool

	// Unseen is why the inputs are not all that the handler read; empty if they are.
	Unseen string

	// Untested is the number of inputs that there was no time to test.
	Untested int
}

// Asked is the path of a question. Later events than the one that set the value may have moved
// it to another index.
type Asked struct {
	Name  string // as it was asked
	Path  string // at the moment of the question
	Label string // with keys of array elements, if it has any
}

// A Verdict says whether an input matters.
type Verdict uint8

// The verdicts.
const (
	Unknown Verdict = iota // it could not be tested
	Matters
	Idle // the result is the same with another value
)

// An Input is something that a handler read.
type Input struct {
	From  replay.Source
	Path  string // in the state before the event, in the payload or metadata, or the name of a field
	Label string // with keys of array elements, if it has any
	Value state.Value
	Parts bool // it is which elements or members the container has, not their values

	By   *Node  // of the state: the value with the event that set it; nil: no event did
	Made []Made // of the payload: the causes of the event that have the same value, the direct one first

	Verdict Verdict
	Kept    bool        // it matters only as the part of the result that it was before
	Earlier state.Value // before the event that set it; absent: there was none

	// Instead is the value that was tried if there was none before, and the handler fails
	// without any or has null where it had a number: an empty one, or another if the value is
	// empty. Absent: not needed.
	Instead state.Value

	Would   state.Value // the result with the earlier value, if the input matters
	Changed string      // the path of the result that Would is at: that of the node, or below it
	Fails   string      // the handler fails with the earlier value

	own    string // its path in the state that the event is folded into, or in the payload
	late   bool   // there was no time to test it
	number bool   // what is at Changed is a number
	cures  bool   // the state is good with the earlier value, see [FindCause]
	at     replay.Version
	undo   []state.Change // of Parts
	set    bool           // an event set it
}

// Name returns the path after the event, with keys of array elements if it is named by any.
func (n *Node) Name() string { return cmp.Or(n.Label, n.Path) }

// Heading returns the path of the question as it was asked, or else the name.
func (n *Node) Heading() string {
	if n.Asked != nil {
		return n.Asked.Name
	}
	return n.Name()
}

// Name returns the path, with keys of array elements if it has any.
func (in *Input) Name() string { return cmp.Or(in.Label, in.Path) }

// Shown returns the inputs to show: those that matter or cannot be tested, without those that
// the event kept, or all.
func (n *Node) Shown(all bool) []*Input {
	if all {
		return n.Inputs
	}
	var out []*Input
	for _, in := range n.Inputs {
		if in.Verdict != Idle && !in.Kept && !in.late {
			out = append(out, in)
		}
	}
	return out
}

// untest takes back what a test found.
func (in *Input) untest() {
	in.Verdict, in.Fails, in.Changed, in.Instead, in.Would = Unknown, "", "", state.Value{}, state.Value{}
	in.late, in.cures, in.Kept = false, false, false
}

// Suspect reports whether the input may be the cause: it matters, another event set it,
// and it had another value before.
func (in *Input) Suspect() bool {
	return in.Verdict == Matters && !in.Kept && in.By != nil && in.By.Event != nil && !in.Earlier.IsAbsent() && in.Fails == ""
}

// Suspects returns the inputs that may be the cause, values before parts and late events
// before early ones.
func (n *Node) Suspects() []*Input {
	var out []*Input
	for _, in := range n.Inputs {
		if in.Suspect() {
			out = append(out, in)
		}
	}
	slices.SortStableFunc(out, func(x, y *Input) int {
		if x.Parts != y.Parts {
			if x.Parts {
				return 1
			}
			return -1
		}
		return cmp.Compare(y.at, x.at)
	})
	return out
}
