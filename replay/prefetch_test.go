package replay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"asof/replay/state"
)

// A foretold reducer notes what it was told of and what it folds.
type foretold struct {
	t    *testing.T // nil: it need not be told
	next []*Event   // told of and not folded yet
	told []int      // how many events at a time
	saw  []string
}

func (*foretold) Name() string { return "foretold" }

func (f *foretold) Init(_ context.Context, st *state.State) error {
	st.SetRoot(st.NewObject().Value())
	return nil
}

func (f *foretold) Prefetch(events []*Event) {
	f.told = append(f.told, len(events))
	f.next = slices.Clone(events)
}

func (f *foretold) Apply(_ context.Context, st *state.State, e *Event) (bool, error) {
	if f.t != nil {
		if len(f.next) == 0 || f.next[0] != e {
			f.t.Errorf("%s was not announced", e.Moment().Label())
			return false, nil
		}
		f.next = f.next[1:]
	}
	body, err := e.Body()
	if err != nil {
		return false, err
	}
	f.saw = append(f.saw, fmt.Sprintf("%d:%d:%s", e.Version, e.Revision, state.AppendJSON(nil, body)))
	return true, nil
}

// An onceUpcaster raises each event's revision, and fails at one version.
type onceUpcaster struct{ fail Version }

var errUpcast = errors.New("no such schema")

func (u onceUpcaster) Upcast(e *Event) error {
	if e.Version == u.fail {
		return errUpcast
	}
	e.Revision++
	e.SetBody(state.StringValue(fmt.Sprint("up", e.Version)))
	return nil
}

func foretellable(n int) *fakeReader {
	events := make([]Event, n)
	for i := range events {
		events[i] = Event{Stream: "a", Version: Version(i), Position: Position(i), Type: "T", Data: fmt.Appendf(nil, "%d", i)}
	}
	return newFake(events)
}

// plain hides that a reducer can be told what comes.
type plain struct{ Reducer }

func TestPrefetch(t *testing.T) {
	for _, c := range []struct {
		name       string
		events     int
		up         Upcaster
		readerFail int // the row, from 1
		stop       int // after this many events
		told       []int
		err        error
	}{
		{name: "none", told: []int{0}},
		{name: "one", events: 1, told: []int{1, 0}},
		{name: "batches", events: 300, told: []int{128, 128, 44, 0}},
		{name: "upcast", events: 130, up: onceUpcaster{fail: -1}, told: []int{128, 2, 0}},
		{name: "upcast fails", events: 300, up: onceUpcaster{fail: 130}, told: []int{128, 2, 0}, err: errUpcast},
		{name: "upcast fails first", events: 300, up: onceUpcaster{fail: 0}, told: []int{0, 0}, err: errUpcast},
		{name: "upcast fails unseen", events: 300, up: onceUpcaster{fail: 130}, stop: 129, told: []int{128, 2, 0}},
		{name: "reader fails", events: 300, readerFail: 131, told: []int{128, 2, 0}, err: errBroken},
		{name: "stop", events: 300, stop: 5, told: []int{128, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := func(hide bool) (f *foretold, err error) {
				r := foretellable(c.events)
				r.fail = c.readerFail
				f = &foretold{t: t}
				fold := Fold{Reducer: f, Upcaster: c.up}
				if hide {
					f.t, fold.Reducer = nil, plain{f}
				}
				n := 0
				for _, e := range StreamTimeline(r, "a").Run(t.Context(), fold, FoldOptions{}) {
					if err = e; err != nil {
						break
					}
					if n++; n == c.stop {
						break
					}
				}
				return f, err
			}
			f, err := run(false)
			if !errors.Is(err, c.err) || !slices.Equal(f.told, c.told) {
				t.Errorf("told %v, %v; want %v, %v", f.told, err, c.told, c.err)
			}
			want, wantErr := run(true)
			if !slices.Equal(f.saw, want.saw) || !errors.Is(err, wantErr) {
				t.Errorf("saw %v, %v\nwant %v, %v", f.saw, err, want.saw, wantErr)
			}
		})
	}
}

// Where it can't be known for which state the next event is, nothing is foretold.
func TestNoPrefetch(t *testing.T) {
	f := &foretold{}
	tl := StreamTimeline(foretellable(10), "a")
	for _, err := range NewWhole(tl.Reader).RunEach(t.Context(), func(StreamID, string) (Fold, error) { return Fold{Reducer: f}, nil }, WholeQuery{}, false) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range tl.RunFolds(t.Context(), []Fold{{Reducer: f}}, FoldOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, err := range tl.Run(t.Context(), Fold{Reducer: parted{f}, Partitioned: true}, FoldOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(f.told) > 0 || len(f.saw) != 30 {
		t.Errorf("told %v, saw %d events", f.told, len(f.saw))
	}
}

type parted struct{ *foretold }

func (parted) Partition(e *Event) (string, bool, error) { return fmt.Sprint(e.Version % 3), true, nil }
