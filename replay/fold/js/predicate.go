package js

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"

	"github.com/dop251/goja"

	"asof/replay"
	"asof/replay/fold/js/quick"
	"asof/replay/state"
)

// A Predicate is a boolean expression over a state and an event, such as
// state.total < 0. It serves one goroutine.
type Predicate struct {
	src    *source
	prog   *goja.Program
	limits Limits
	said   []bool      // see [engine.said]; quick and the engine share it
	quick  *quick.Func // nil: the engine runs every test
	e      *engine     // nil until a test needs it: it takes 2 ms to start
	f      goja.Callable

	right  string // what was probably meant; empty: unknown
	sought int    // failures for which it was looked for
	quiet  bool   // never look for it

	mentions *Mentions // what it looks for in all that it is tested on; nil: nothing

	reader *Predicate // tells what a test reads; nil until it is asked to
	unread bool       // it cannot
}

// CompilePredicate compiles an expression over state (or s) and event (or e), under
// a name for messages. The limits apply to each test. An expression that does not
// compile is a [SyntaxError].
func CompilePredicate(src, name string, o Limits) (*Predicate, error) {
	s := &source{name: name, text: src}
	prog, err := inTime(s, o, compileExpression)
	var wrong *SyntaxError
	if errors.As(err, &wrong) && len(src) < maxMeant {
		wrong.For, wrong.Meant = src, meantSyntax(src, func(right string) bool {
			_, err := inTime(&source{name: name, text: right}, o, compileExpression)
			return err == nil
		})
	}
	if err != nil {
		return nil, err
	}
	p := &Predicate{src: s, prog: prog, limits: o, said: make([]bool, len(s.sums.all))}
	p.quick = quickTest(s, p.said)
	if p.quick == nil {
		err = p.start()
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// start starts the engine.
func (p *Predicate) start() error {
	e, err := newEngine(p.src, true)
	if err != nil {
		return err
	}
	e.watch.setOptions(p.limits)
	e.said = p.said
	err = e.call(context.Background(), nil, nil, p.src.name, func() error {
		v, err := e.rt.RunProgram(p.prog)
		if err == nil {
			p.f, _ = goja.AssertFunction(v)
			err = e.lock()
		}
		return err
	})
	if err == nil {
		p.e = e
	}
	return err
}

// Warnings returns the distinct warnings so far, see [Script.Warnings].
func (p *Predicate) Warnings() []string {
	if p.e == nil {
		return nil
	}
	return p.e.texts()
}

// Watch makes the predicate look for members in all that it is tested on.
func (p *Predicate) Watch(m *Mentions) { p.mentions = m }

// Identity returns a hash of the expression, see [Script.Identity].
func (p *Predicate) Identity() (id string, ok bool) { return p.src.identity("test") }

// An expression can reach the event or its time only by the names in namesEvent, or
// by an escape (\) that may spell one. namesPlace and namesData match reads of a
// single field.
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
	text := namesPlace().ReplaceAllString(p.src.text, " ")
	if without := namesData().ReplaceAllString(text, " "); without != text {
		text, spares = without, spares&^replay.FieldData
	}
	if namesEvent().MatchString(text) {
		return 0
	}
	return spares
}

// Test reports whether the expression holds for a state after an event; the event
// is nil for the state before the first one. If the expression throws, does not
// return, or returns neither true nor false, the error is a [replay.FoldError] that
// names the event and the value.
//
// Test changes neither the state nor the event and marks no node: other goroutines
// may read the state at the same time.
func (p *Predicate) Test(st state.Value, ev *replay.Event) (holds bool, err error) {
	if err := p.limits.ended(); err != nil {
		return false, err
	}
	if p.mentions != nil {
		p.mentions.see(st, ev)
	}
	if p.quick != nil && (p.e == nil || p.e.broken == nil) {
		if holds, done := p.quick.Test(st, ev); done {
			return holds, nil
		}
	}
	return p.test(st, ev)
}

// test is Test by the engine.
func (p *Predicate) test(st state.Value, ev *replay.Event) (holds bool, err error) {
	if p.e == nil {
		if err := p.start(); err != nil {
			return false, err
		}
	}
	err = p.e.call(context.Background(), nil, ev, p.src.name, func() error {
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
	if err != nil {
		err = p.suggest(st, ev, err)
	}
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
