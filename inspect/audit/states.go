package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/state"
)

// A projectionUse counts what a projection folded.
type projectionUse struct {
	name, sha256 string
	streams      int64
	unhandled    map[string]int64
	others       map[string]int64 // streams that it is not made for, by what it is for
}

func newProjectionUse(name, sha256 string) *projectionUse {
	return &projectionUse{name: name, sha256: sha256, unhandled: map[string]int64{}, others: map[string]int64{}}
}

// stream counts a stream. For is what the projection is made for, if not for it.
func (u *projectionUse) stream(For string) {
	u.streams++
	if For != "" {
		u.others[For]++
	}
}

// states folds the exported streams one after the other, so that only one state is
// in memory.
func (x *Export) states(ctx context.Context, b *bundle, s *survey) ([]*projectionUse, error) {
	if x.States == StatesNone {
		return nil, nil
	}
	changes, err := b.file(fileChanges)
	if err != nil {
		return nil, err
	}
	defer changes.to.Close()
	ends, err := b.file(fileEnds)
	if err != nil {
		return nil, err
	}
	defer ends.to.Close()
	uses := map[string]*projectionUse{}
	w := stateWriter{changes: changes, ends: ends, each: x.States == StatesEach}
	for _, id := range slices.Sorted(maps.Keys(s.streams)) {
		line := s.streams[id]
		if line.exported == 0 {
			continue
		}
		p, err := x.Projection(id, line.category)
		if err != nil {
			return nil, err
		}
		use, ok := uses[p.Name]
		if !ok {
			use = newProjectionUse(p.Name, p.SHA256)
			uses[p.Name] = use
		}
		use.stream(p.For)
		if err := w.stream(ctx, x.timeline(id), p, line, use); err != nil {
			return nil, x.foldFailed(err, fault.Try("states are folded from the redacted events: leave them out").With("states", "none"))
		}
	}
	if err := changes.close(); err != nil {
		return nil, err
	}
	var out []*projectionUse
	for _, name := range slices.Sorted(maps.Keys(uses)) {
		out = append(out, uses[name])
	}
	return out, ends.close()
}

// foldFailed adds to the error of a failed fold that fields were withheld from it.
func (x *Export) foldFailed(err error, next fault.Remedy) error {
	var failed *replay.FoldError
	if x.Redact.none() || !errors.As(err, &failed) {
		return err
	}
	f := *failed
	f.Next = next
	return &f
}

// timeline returns a stream without the withheld values.
func (x *Export) timeline(id replay.StreamID) *replay.Timeline {
	r := x.Reader
	if !x.Redact.none() {
		r = redactedReader{r, x.Redact}
	}
	return replay.StreamTimeline(r, id)
}

type stateWriter struct {
	changes, ends *outFile
	each          bool
	text          []byte
}

// An end is a state at one end of the period.
type end struct {
	version state.Value // null before the first event
	text    []byte      // the state
}

func (e *end) json() (state.Value, error) {
	v, err := state.Parse(e.text)
	return object("version", e.version, "sha256", sha256Hex(e.text), "state", v), err
}

// at takes the state at a version.
func (e *end) at(ctx context.Context, s replay.Subject, v replay.Version) error {
	root, _, err := s.StateAt(ctx, replay.Moment{Stream: s.Timeline.Name}.WithVersion(v))
	if err == nil {
		e.text = state.AppendSorted(e.text[:0], root)
	}
	return err
}

func sha256Hex(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func (w *stateWriter) stream(ctx context.Context, t *replay.Timeline, p Projection, line *streamLine, use *projectionUse) error {
	from := end{version: state.NullValue()}
	o := replay.FoldOptions{
		Span: replay.UpTo(line.to), Changes: true,
		Init: func(v state.Value) { from.text = state.AppendSorted(nil, v) },
	}
	to := end{}
	var before replay.Version
	hasBefore, n := false, int64(0)
	for step, err := range t.Run(ctx, p.Fold, o) {
		if err != nil {
			return err
		}
		v := step.Event.Version
		if v < line.from {
			before, hasBefore = v, true
			if v == line.from-1 { // otherwise versions are missing: computed below
				from.text = state.AppendSorted(from.text[:0], step.Root)
			}
			continue
		}
		n++
		if !step.Handled {
			use.unhandled[step.Event.Type]++
		}
		if err := w.step(step); err != nil {
			return err
		}
		if v == line.to {
			to.version, to.text = integer(int64(v)), state.AppendSorted(to.text[:0], step.Root)
		}
	}
	if n < line.exported {
		return contradicted(t, line.exported, n)
	}
	if hasBefore {
		from.version = integer(int64(before))
	}
	if hasBefore && before != line.from-1 {
		if err := from.at(ctx, replay.Subject{Timeline: t, Fold: p.Fold}, before); err != nil {
			return err
		}
	}
	fromJSON, err := from.json()
	if err != nil {
		return err
	}
	toJSON, err := to.json()
	if err != nil {
		return err
	}
	all := object(
		"stream", valid(t.Name), "projection", p.Name, "projection_sha256", orNull(p.SHA256),
		"events", line.exported, "from", fromJSON, "to", toJSON,
	)
	if p.For != "" {
		all.Node().Set("projection_for", state.StringValue(valid(p.For)))
	}
	return w.ends.json(all)
}

// contradicted is the error of a stream with more events in the order of the store than by
// itself.
func contradicted(t *replay.Timeline, exported, alone int64) error {
	return replay.ContradictionError(t.Reader, fmt.Sprintf("%s has %s in the order of the store, and %d by itself",
		t.Name, replay.Counted(exported, "event", "events"), alone))
}

// step writes {"stream","version","type","handled","changes","sha256"} and, with
// StatesEach, "state". The hash is of the text of changes.
func (w *stateWriter) step(s *replay.Step) error {
	changes := changesJSON(s.Changes)
	w.text = state.AppendJSON(w.text[:0], changes)
	n := object(
		"stream", valid(string(s.Event.Stream)), "version", s.Event.Version, "type", s.Event.Type,
		"handled", s.Handled, "changes", changes, "sha256", sha256Hex(w.text),
	)
	if w.each {
		n.Node().Set("state", state.Clone(s.Root))
	}
	return w.changes.json(n)
}

func changesJSON(cs []state.Change) state.Value {
	n := state.NewArray()
	for _, c := range cs {
		one := object("op", string(c.Op), "path", c.Path, "from", c.From, "to", c.To)
		if c.Label != "" {
			one.Node().Set("label", state.StringValue(c.Label))
		}
		n.Append(one)
	}
	return n.Value()
}

// changesAt is the inverse of changesJSON. It ignores from in an add and to in a
// remove; elsewhere null is a value.
func changesAt(v state.Value) (out []state.Change, ok bool) {
	if v.Kind() != state.Array {
		return nil, false
	}
	for _, c := range elems(v) {
		op, ok1 := textAt(c, "op")
		path, ok2 := textAt(c, "path")
		ch := state.Change{Op: state.Op(op), Path: path}
		if ch.Op != state.OpAdd {
			ch.From = get(c, "from")
		}
		if ch.Op != state.OpRemove {
			ch.To = get(c, "to")
		}
		if !ok1 || !ok2 || ch.Op != state.OpAdd && ch.Op != state.OpRemove && ch.Op != state.OpReplace {
			return nil, false
		}
		out = append(out, ch)
	}
	return out, true
}
