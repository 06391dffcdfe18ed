package fold

import (
	"github.com/dop251/goja"

	"asof/replay/state"
)

// An Effect is what a projection would have done beside changing its state. It is
// collected and never performed.
type Effect struct {
	Kind   string // emit, linkTo, linkStreamTo, copyTo, log
	Stream string // that it would have been written to
	Type   string // of the event emitted
	Link   string // what would have been linked or copied: VERSION@STREAM, or a stream
	Body   []byte // JSON; nil: none
	Meta   []byte // JSON; nil: none
	Text   string // of log
}

// maxEffects bounds the effects of one event.
const maxEffects = 100_000

func (e *engine) effect(f Effect) {
	if len(e.effects) >= maxEffects {
		panic(e.rangeError("one event has too many effects"))
	}
	e.effects = append(e.effects, f)
}

func (e *engine) defineEffects() {
	global := func(name string, f func(c goja.FunctionCall) Effect) {
		e.method(e.rt.GlobalObject(), name, func(c goja.FunctionCall) goja.Value {
			e.effect(f(c))
			return goja.Undefined()
		})
	}
	global("emit", func(c goja.FunctionCall) Effect {
		return Effect{
			Kind: "emit", Stream: c.Argument(0).String(), Type: c.Argument(1).String(),
			Body: e.json(c.Argument(2)), Meta: e.json(c.Argument(3)),
		}
	})
	for _, name := range []string{"linkTo", "copyTo"} {
		global(name, func(c goja.FunctionCall) Effect {
			return Effect{Kind: name, Stream: c.Argument(0).String(), Link: e.link(c.Argument(1)), Meta: e.json(c.Argument(2))}
		})
	}
	global("linkStreamTo", func(c goja.FunctionCall) Effect {
		return Effect{
			Kind: "linkStreamTo", Stream: c.Argument(0).String(), Link: c.Argument(1).String(), Meta: e.json(c.Argument(2)),
		}
	})
}

// link names an event as KurrentDB's link events do.
func (e *engine) link(v goja.Value) string {
	o, ok := v.(*goja.Object)
	if ok {
		version, stream := o.Get("sequenceNumber"), o.Get("streamId")
		if version != nil && stream != nil {
			return version.String() + "@" + stream.String()
		}
	}
	panic(e.rt.NewTypeError("an event is needed"))
}

// json returns a value as JSON, now: it may change later.
func (e *engine) json(v goja.Value) []byte {
	if v == goja.Undefined() {
		return nil
	}
	t, err := e.stringify(goja.Undefined(), v)
	if err != nil {
		panic(err)
	}
	if t == goja.Undefined() {
		return nil
	}
	return []byte(t.String())
}

// freeValue returns a script's value as a tree of no state. It may run the
// script's code, so it is called while the script is watched.
func (e *engine) freeValue(v goja.Value) (state.Value, error) {
	var out state.Value
	err := e.guard(func() {
		f, ok := e.final(v, nil, "", 0)
		if !ok {
			f = state.NullValue()
		}
		e.drain()
		out = f
	})
	if err != nil {
		return state.Value{}, err
	}
	left := maxElems
	return out, checkTree(out, 0, &left)
}
