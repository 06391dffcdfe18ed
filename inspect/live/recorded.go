package live

import (
	"asof/replay"
	"asof/replay/state"
)

// recorded is what the versions of a row read so far say of it. It keeps a version as
// bytes until its columns are needed: most versions replace the one before.
type recorded struct {
	stream   replay.StreamID
	category string
	at       replay.Moment
	gone     bool
	reason   string // why the state is unknown
	full     []byte // the last version that is the whole row, if columns does not have it yet
	isFull   bool
	columns  *state.Node
}

func (r *recorded) begin(e *replay.Event) {
	*r = recorded{stream: e.Stream, category: e.Category, full: r.full[:0], columns: state.NewObject()}
}

// take applies a version.
func (r *recorded) take(e *replay.Event) {
	r.at, r.gone = e.Moment(), e.Row == replay.RowGone
	switch {
	case r.gone:
		r.reason, r.isFull, r.columns = "", false, state.NewObject()
	case e.Opaque != "":
		r.reason, r.isFull = e.Opaque, false
	case e.Row == replay.RowFull:
		r.reason, r.isFull = "", true
		r.full = append(r.full[:0], e.Data...)
	default:
		r.settle()
		r.set(e.Data)
	}
}

// settle makes columns of a whole row.
func (r *recorded) settle() {
	if r.isFull {
		r.isFull, r.columns = false, state.NewObject()
		r.set(r.full)
	}
}

// set sets columns.
func (r *recorded) set(data []byte) {
	columns, reason := parsed(data)
	if reason != "" {
		r.reason = reason
		return
	}
	for name, v := range columns.Each {
		r.columns.Set(name, v)
	}
}

// row returns the columns, or why they are unknown.
func (r *recorded) row() (*state.Node, string) {
	r.settle()
	return r.columns, r.reason
}

// parsed returns a JSON object, or why it is none.
func parsed(data []byte) (*state.Node, string) {
	v, _, err := state.ParsePayload(data)
	switch {
	case err != nil:
		return nil, err.Error()
	case v.Kind() == state.Null:
		return state.NewObject(), ""
	case v.Kind() != state.Object:
		return nil, "the payload is a JSON " + v.Kind().String() + ", not an object"
	}
	return v.Node(), ""
}
