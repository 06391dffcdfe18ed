package js

import (
	"context"
	"fmt"

	"github.com/dop251/goja"

	"asof/replay"
)

// An Upcaster converts events of older schema revisions to the current one. Its
// script defines one step per revision:
//
//	upcast("ItemAdded", 1, (data, e) => { data.qty ??= 1 })
//
// converts the data of an ItemAdded from revision 1 to revision 2. The function
// changes data in place or returns the new data.
type Upcaster struct {
	e     *engine
	steps map[upcastKey]goja.Callable
}

type upcastKey struct {
	eventType string
	revision  int
}

// LoadUpcaster loads an upcaster from the text of a file.
func LoadUpcaster(name, src string, o Limits) (*Upcaster, error) {
	s := &source{name: name, text: src}
	prog, err := inTime(s, o, func(s *source) (*goja.Program, error) { return compileWhole(s, false) })
	if err != nil {
		return nil, err
	}
	e, err := newEngine(s, false)
	if err != nil {
		return nil, err
	}
	e.watch.setOptions(o)
	u := &Upcaster{e: e, steps: map[upcastKey]goja.Callable{}}
	e.method(e.rt.GlobalObject(), "upcast", u.define)
	err = e.call(context.Background(), nil, nil, name, func() error {
		if _, err := e.rt.RunProgram(prog); err != nil {
			return err
		}
		return e.lock()
	})
	switch {
	case err != nil:
		return nil, err
	case len(u.steps) == 0:
		return nil, &SyntaxError{
			Name: name, Msg: "the script defines no upcaster",
			Next: `write upcast("Type", revision, (data, e) => …)`,
		}
	}
	return u, nil
}

// Identity returns a hash of the script's text, see [Script.Identity].
func (u *Upcaster) Identity() (id string, ok bool) { return u.e.src.identity("upcast") }

func (u *Upcaster) define(c goja.FunctionCall) goja.Value {
	rt := u.e.rt
	f, ok := goja.AssertFunction(c.Argument(2))
	from := c.Argument(1)
	if !goja.IsString(c.Argument(0)) || !goja.IsNumber(from) || !ok || from.ToFloat() != float64(int(from.ToInteger())) {
		panic(rt.NewTypeError(`upcast needs a type, a revision and a function: upcast("Type", 1, (data, e) => …)`))
	}
	key := upcastKey{c.Argument(0).String(), int(from.ToInteger())}
	if u.steps[key] != nil {
		panic(rt.NewTypeError(fmt.Sprintf("there are two upcasters for revision %d of %s", key.revision, key.eventType)))
	}
	u.steps[key] = f
	return goja.Undefined()
}

// Upcast converts the event's body and revision to the newest revision that the
// script defines, step by step.
func (u *Upcaster) Upcast(ev *replay.Event) error {
	for {
		f := u.steps[upcastKey{ev.Type, ev.Revision}]
		if f == nil {
			return nil
		}
		if err := u.step(f, ev); err != nil {
			return err
		}
		ev.Revision++
	}
}

func (u *Upcaster) step(f goja.Callable, ev *replay.Event) error {
	return u.e.call(context.Background(), nil, ev, u.e.src.name, func() error {
		var data goja.Value
		if err := u.e.guard(func() { data = u.e.event.body() }); err != nil {
			return err
		}
		v, err := f(goja.Undefined(), data, u.e.event.obj)
		if err != nil {
			return err
		}
		if v == nil || v == goja.Undefined() {
			v = data
		}
		body, err := u.e.freeValue(v)
		if err == nil {
			ev.SetBody(body)
		}
		return err
	})
}
