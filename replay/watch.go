package replay

import "asof/replay/state"

// A Watched is a Reducer that can report what it reads to fold an event.
type Watched interface {
	// Watch makes each call of Apply report to w, until Watch(nil).
	Watch(w *Watch)
}

// Source is where a fold reads.
type Source string

// The sources of what a fold reads.
const (
	FromState    Source = "state"
	FromPayload  Source = "payload"
	FromMetadata Source = "metadata"
	FromLink     Source = "link"    // the metadata of the link that led to the event
	FromEvent    Source = "event"   // a field of the event; its path is the name of the field
	FromAnother  Source = "another" // the state of another partition
)

// A Read is a part of the state before an event, or of the event.
type Read struct {
	From Source
	Path string // a JSON pointer; for FromEvent a name

	// Parts says that the fold asked which parts a container has: its keys or its
	// length. Otherwise it read the value, or asked whether there is one.
	Parts bool

	// Whole says that the fold read the text of everything at Path.
	Whole bool
}

// maxReads is the most reads that a watch keeps.
const maxReads = 200_000

// A Watch records what a fold reads. Values that the event wrote before they were read
// are left out. It may report more than was read, never less, except beyond a limit.
type Watch struct {
	Off    bool                   // record nothing: only replace
	Fields map[string]state.Value // scalars that fields of the event have instead; absent: null

	// Full says that the fold read more than was recorded.
	Full bool

	all    []Read
	known  map[Read]bool
	places map[*state.Node]Read
}

// Reads returns what was read, each part once, in order.
func (w *Watch) Reads() []Read { return w.all }

// Add records a read.
func (w *Watch) Add(r Read) {
	if w.Off || w.known[r] {
		return
	}
	if len(w.all) == maxReads {
		w.Full = true
		return
	}
	if w.known == nil {
		w.known = map[Read]bool{}
	}
	w.known[r] = true
	w.all = append(w.all, r)
}

// Place records where the content of a container comes from that is not part of the
// state before the event.
func (w *Watch) Place(n *state.Node, at Read) {
	if w.Off {
		return
	}
	if w.places == nil {
		w.places = map[*state.Node]Read{}
	}
	w.places[n] = at
}

// PlaceOf returns where the content of a container comes from; ok is false if the event
// made it, or if nothing is recorded.
func (w *Watch) PlaceOf(st *state.State, n *state.Node) (at Read, ok bool) {
	if w.Off {
		return at, false
	}
	if st != nil && st.Owns(n) {
		if path, ok := st.PlaceBefore(n); ok {
			var p []byte
			for _, token := range path {
				p = state.AppendToken(p, token)
			}
			return Read{From: FromState, Path: string(p)}, true
		}
	}
	at, ok = w.places[n]
	return at, ok
}

// At returns the part of r at a token.
func (r Read) At(token string) Read {
	r.Path = string(state.AppendToken([]byte(r.Path), token))
	return r
}
