package js

import (
	"strconv"
	"time"

	"github.com/dop251/goja"

	"asof/replay"
	"asof/replay/fold/js/quick"
	"asof/replay/state"
)

// Watch makes the script report what it reads. It then always runs in the engine, which
// alone can report, and adds no warnings.
func (s *Script) Watch(w *replay.Watch) { s.e.reads = w }

// fieldNames are the names of an event's fields that have a second one.
var fieldNames = map[string]string{
	"eventType": "type", "streamId": "stream", "sequenceNumber": "version", "created": "time", "eventId": "id", "body": "data",
}

func fieldName(key string) string {
	if name, ok := fieldNames[key]; ok {
		return name
	}
	return key
}

// replaced returns the value that a field of the event has instead of its own; nil: none.
func (e *engine) replaced(key string) goja.Value {
	if e.reads == nil {
		return nil
	}
	v, ok := e.reads.Fields[fieldName(key)]
	switch {
	case !ok:
		return nil
	case v.IsAbsent():
		return goja.Null()
	}
	if t, isTime := e.otherTime(); isTime && key == "created" {
		return e.rt.ToValue(t.UTC().Format(quick.CreatedForm))
	}
	return e.scalar(v, key, false)
}

// otherTime returns the time that the event has instead of its own, zero for none; ok is false if
// it has its own.
func (e *engine) otherTime() (t time.Time, ok bool) {
	if e.reads == nil {
		return t, false
	}
	v, ok := e.reads.Fields["time"]
	if ok && v.Kind() == state.String {
		t, _ = time.Parse(time.RFC3339Nano, v.Text())
	}
	return t, ok
}

// noteField records the read of an event's field.
func (e *engine) noteField(key string) {
	if e.reads == nil {
		return
	}
	switch key {
	case "data", "body", "metadata", "linkMetadata": // their parts are recorded
	case "category":
		if !e.uncategorised {
			e.reads.Add(replay.Read{From: replay.FromEvent, Path: key})
		}
	case "bodyRaw":
		e.reads.Add(replay.Read{From: replay.FromPayload, Whole: true})
	case "metadataRaw":
		e.reads.Add(replay.Read{From: replay.FromMetadata, Whole: true})
	case "linkMetadataRaw":
		e.reads.Add(replay.Read{From: replay.FromLink, Whole: true})
	default:
		e.reads.Add(replay.Read{From: replay.FromEvent, Path: fieldName(key)})
	}
}

// noteRoot records that a whole payload comes from the event.
func (e *engine) noteRoot(v state.Value, from replay.Source) {
	if v.IsContainer() {
		e.reads.Place(v.Node(), replay.Read{From: from})
	} else {
		e.reads.Add(replay.Read{From: from})
	}
}

// noteCopy records that c has the content of n.
func (e *engine) noteCopy(n, c *state.Node) {
	if at, ok := e.reads.PlaceOf(e.st, n); ok {
		e.reads.Place(c, at)
	}
}

// noteSlot records the read of a part of shared state.
func (e *engine) noteSlot(p slot) {
	v, at := p.get(), replay.Read{From: replay.FromState}
	switch {
	case p.away != nil:
		at.From = replay.FromAnother
	case p.node == nil:
	case p.node.Kind() == state.Array:
		at = at.At(strconv.Itoa(p.at))
	default:
		at = at.At(p.key)
	}
	if !v.IsContainer() {
		e.reads.Add(at)
	} else if p.away != nil {
		e.reads.Place(v.Node(), at)
	}
}

// place returns where the content of the wrapper's container comes from. ours says that
// it is a container of the state before the event.
func (w *wrapper) place() (at replay.Read, ours, ok bool) {
	at, ok = w.e.reads.PlaceOf(w.e.st, w.n)
	return at, ok && at.From == replay.FromState && w.st != nil, ok
}

// noteMember records the read of a member.
func (o *objectWrapper) noteMember(key string, v state.Value) {
	at, ours, ok := o.place()
	if !ok || ours && o.n.Wrote(key) {
		return
	}
	o.noteValue(at.At(key), v)
}

// noteElem records the read of an element.
func (a *arrayWrapper) noteElem(i int, v state.Value) {
	at, ours, ok := a.place()
	if !ok {
		return
	}
	if ours {
		if v.IsContainer() {
			if own, ok := a.e.reads.PlaceOf(a.e.st, v.Node()); ok {
				a.e.reads.Add(own)
			}
			return
		}
		if i = a.n.IndexBefore(i); i < 0 {
			return
		}
	}
	a.noteValue(at.At(strconv.Itoa(i)), v)
}

// noteValue records the read of a value, and where it is from if it is a container that
// does not know.
func (w *wrapper) noteValue(at replay.Read, v state.Value) {
	w.e.reads.Add(at)
	if !v.IsContainer() {
		return
	}
	if _, known := w.e.reads.PlaceOf(w.e.st, v.Node()); !known {
		w.e.reads.Place(v.Node(), at)
	}
}

// noteParts records that the script asked for the keys or the length.
func (w *wrapper) noteParts() {
	if at, _, ok := w.place(); ok {
		at.Parts = true
		w.e.reads.Add(at)
	}
}
