package quick

import (
	"strconv"
	"time"

	"asof/replay"
	"asof/replay/state"
)

// field reads a field of the event.
func (r *run) field(key string) val {
	ev := r.ev
	switch key {
	case "data", "body":
		return *r.payload()
	case "type", "eventType":
		return passingText(ev.Type)
	case "streamId", "stream":
		return passingText(string(ev.Stream))
	case "version", "sequenceNumber":
		return integer(int64(ev.Version))
	case "position":
		if ev.Position == replay.NoPosition {
			return valNull
		}
		return integer(int64(ev.Position))
	case "revision":
		return integer(int64(ev.Revision))
	case "created", "time":
		return r.time(key)
	case "id", "eventId":
		return orNull(ev.ID)
	case "actor":
		return orNull(ev.Meta.Actor)
	case "correlationId":
		return orNull(ev.Meta.Correlation)
	case "causationId":
		return orNull(ev.Meta.Causation)
	case "metadata":
		return r.metadata()
	}
	panic(giveUp)
}

// CreatedForm is the time layout of an event's field created.
const CreatedForm = "2006-01-02T15:04:05.0000000Z07:00"

func (r *run) time(key string) val {
	t := r.ev.Time.UTC()
	switch {
	case t.IsZero():
		return valNull
	case key == "created":
		return ofText(t.Format(CreatedForm))
	}
	return ofText(t.Format(time.RFC3339Nano))
}

func passingText(s string) val { return val{kind: text, s: s, passing: true} }

// orNull returns a string, or null for an empty one.
func orNull(s string) val {
	if s == "" {
		return valNull
	}
	return passingText(s)
}

func integer(n int64) val {
	if n > 1<<53 || n < -1<<53 {
		panic(giveUp)
	}
	return val{kind: number, f: float64(n), s: small(n)}
}

// small returns the text of a small number, which costs nothing to format.
func small(n int64) string {
	if n >= 0 && n < 100 {
		return strconv.FormatInt(n, 10) // from a table in strconv
	}
	return ""
}

func (r *run) payload() *val {
	if !r.hasBody {
		v, err := r.ev.Body()
		if err != nil {
			panic(giveUp)
		}
		r.body, r.hasBody = r.read(v, "data", true), true
	}
	return &r.body
}

func (r *run) metadata() val {
	if !r.hasMeta {
		r.meta, r.hasMeta = valNull, true
		if raw := r.ev.Meta.Raw; raw != nil {
			v, _, err := state.ParsePayload(raw)
			if err != nil {
				panic(giveUp)
			}
			r.meta = r.read(v, "data", true)
		}
	}
	return r.meta
}
