package js

import (
	"context"
	"fmt"
	"regexp"
	"sync"

	"github.com/dop251/goja"

	"asof/replay"
	"asof/replay/fold/js/quick"
	"asof/replay/state"
)

// A Predicate is an expression over a state and an event, such as
// state.total < 0: what is looked for, or what must hold. It serves one
// goroutine.
type Predicate struct {
	e     *engine
	f     goja.Callable
	quick *quick.Func // nil: there is none
}

// CompilePredicate compiles an expression over state (or s) and event (or e). The
// name, such as --bad, is for messages, the options bound what one test may take. What can't be
// compiled is a [SyntaxError].
func CompilePredicate(src, name string, o Limits) (*Predicate, error) {
	s := &source{name: name, text: src}
	prog, err := inTime(s, o, compileExpression)
	if err != nil {
		return nil, err
	}
	e, err := newEngine(s, true)
	if err != nil {
		return nil, err
	}
	e.watch.setOptions(o)
	p := &Predicate{e: e}
	err = e.call(context.Background(), nil, nil, name, func() error {
		v, err := e.rt.RunProgram(prog)
		if err == nil {
			p.f, _ = goja.AssertFunction(v)
			err = e.lock()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p.quick = quickTest(s)
	return p, nil
}

// Warnings returns what the user should know, see [Script.Warnings].
func (p *Predicate) Warnings() []string { return p.e.warnings }

// Identity is made from the expression, see [Script.Identity].
func (p *Predicate) Identity() (id string, ok bool) { return p.e.src.identity("test") }

// An expression reaches the event, or its time, by these names, or by what might
// spell one. Where it only asks for a part by its name, that part is all it sees.
var (
	namesEvent = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\\|\b(?:event|e|arguments|this|globalThis|eval|Date)\b`)
	})
	namesPlace = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b(?:event|e)\??\.(?:version|sequenceNumber|type|eventType|position|stream|streamId|revision|category)\b`)
	})
	namesData = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`\b(?:event|e)\??\.(?:data|body)\b`)
	})
)

// Unread returns the parts of events that the expression never looks at.
func (p *Predicate) Unread() replay.Fields {
	spares := replay.FieldID | replay.FieldTime | replay.FieldMeta | replay.FieldData
	text := namesPlace().ReplaceAllString(p.e.src.text, " ")
	if without := namesData().ReplaceAllString(text, " "); without != text {
		text, spares = without, spares&^replay.FieldData
	}
	if namesEvent().MatchString(text) {
		return 0
	}
	return spares
}

// Test tells whether the expression holds for a state after an event. The event
// may be nil: before the first there is none. An expression that throws, does not
// return, or whose value is neither true nor false, is a [replay.FoldError] that
// names the event and the value.
//
// Neither the state nor the event is changed, and no node of the state is
// marked: it may be read elsewhere at the same time.
func (p *Predicate) Test(st state.Value, ev *replay.Event) (holds bool, err error) {
	if p.quick != nil && p.e.broken == nil {
		if holds, done := p.quick.Test(st, ev); done {
			return holds, nil
		}
	}
	err = p.e.call(context.Background(), nil, ev, p.e.src.name, func() error {
		w := wrapper{e: p.e}
		s := w.value(st, "state")
		if s == nil {
			s = goja.Null()
		}
		event := goja.Null()
		if p.e.event != nil {
			event = p.e.event.obj
		}
		v, err := p.f(goja.Undefined(), s, event, s, event)
		if err != nil {
			return err
		}
		switch v {
		case p.e.yes:
			holds = true
		case p.e.no:
		default:
			return p.notBoolean(v)
		}
		return nil
	})
	return holds, err
}

func (p *Predicate) notBoolean(v goja.Value) error {
	var text string
	if err := p.e.guard(func() { text = p.e.display(v) }); err != nil {
		text = "a value"
	}
	if goja.IsString(v) {
		text = fmt.Sprintf("%q", text)
	}
	return fmt.Errorf("the expression gave %s, which is neither true nor false", shorten(text))
}
