package js

import (
	"strings"

	"github.com/dop251/goja"

	"asof/replay"
	"asof/replay/state"
)

// maxEffects is the most effects that one event may have.
const maxEffects = 100_000

func (e *engine) effect(f replay.Effect) {
	if len(e.effects) >= maxEffects {
		panic(e.rangeError("one event has too many effects"))
	}
	e.effects = append(e.effects, f)
}

// defineEffects defines the functions with which a handler emits and links. As in
// KurrentDB, copyTo does nothing.
func (e *engine) defineEffects() {
	for name, f := range map[string]func(a []goja.Value){"emit": e.emit, "linkTo": e.linkTo, "linkStreamTo": e.linkStreamTo, "copyTo": nil} {
		e.method(e.rt.GlobalObject(), name, func(c goja.FunctionCall) goja.Value {
			switch {
			case e.loading:
				panic(e.rt.NewTypeError(name + " works only in handlers: there is no event here"))
			case f != nil:
				f(c.Arguments)
			}
			return goja.Undefined()
		})
	}
}

func (e *engine) emit(a []goja.Value) {
	e.want(len(a) >= 3, "emit needs a stream, a type and a body")
	f := replay.Effect{Kind: "emit", Stream: e.named("emit", "stream", a[0]), Type: e.named("emit", "type", a[1])}
	e.want(isObject(a[2]), "emit needs an object as its body")
	f.Body = e.json(a[2])
	if len(a) == 4 {
		e.want(isObject(a[3]), "emit needs an object as its metadata, or none")
		f.Meta = e.json(a[3])
	}
	e.effect(f)
}

func (e *engine) linkTo(a []goja.Value) {
	e.want(len(a) == 2 || len(a) == 3, "linkTo needs a stream and an event, optionally metadata")
	f := replay.Effect{Kind: "linkTo", Stream: e.named("linkTo", "stream", a[0]), Link: e.link(a[1])}
	if len(a) == 3 {
		e.want(isObject(a[2]), "linkTo needs an object as its metadata, or none")
		f.Meta = e.json(a[2])
	}
	e.effect(f)
}

func (e *engine) linkStreamTo(a []goja.Value) {
	e.want(len(a) == 2, "linkStreamTo needs exactly a stream and the stream to link: KurrentDB fails if there is metadata")
	e.effect(replay.Effect{
		Kind: "linkStreamTo", Stream: e.named("linkStreamTo", "stream", a[0]), Link: e.named("linkStreamTo", "linked stream", a[1]),
	})
}

// want throws msg unless ok, for calls that KurrentDB rejects.
func (e *engine) want(ok bool, msg string) {
	if !ok {
		panic(e.rt.NewTypeError(msg))
	}
}

// named returns an argument that must be a non-empty string.
func (e *engine) named(function, what string, v goja.Value) string {
	e.want(goja.IsString(v) && strings.TrimSpace(v.String()) != "", function+" needs a "+what+": a string that is not empty")
	return stringOf(v)
}

func isObject(v goja.Value) bool {
	_, ok := v.(*goja.Object)
	return ok
}

// link names an event as KurrentDB's link events do, such as 3@cart-1.
func (e *engine) link(v goja.Value) string {
	o, ok := v.(*goja.Object)
	if !ok {
		panic(e.rt.NewTypeError("linkTo needs an event"))
	}
	number, stream := o.Get("sequenceNumber"), o.Get("streamId")
	e.want(number != nil && goja.IsNumber(number) && stream != nil && goja.IsString(stream),
		"linkTo needs an event with a numeric sequenceNumber and a streamId")
	return number.String() + "@" + stringOf(stream)
}

// json returns a value as JSON text, which later changes do not affect.
func (e *engine) json(v goja.Value) []byte {
	if e.server {
		var err error
		if v, err = e.plain(goja.Undefined(), v); err != nil {
			panic(err)
		}
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

// freeValue returns a script's value as a tree outside any state. It may run the
// script's code, so call it while the script is watched.
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
