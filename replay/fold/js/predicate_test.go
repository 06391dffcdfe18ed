package js

import (
	"errors"
	"strings"
	"testing"
	"time"

	"asof/replay"
	"asof/replay/state"
)

func mustParseState(t testing.TB, text string) state.Value {
	t.Helper()
	v, err := state.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestPredicate(t *testing.T) {
	const text = `{"total":-1,"big":9007199254740993,"items":[{"qty":1},{"qty":0}],"0":1,"b":2}`
	for src, want := range map[string]bool{
		`state.total < 0`:                                             true,
		`s.total < 0 && e.type === "E"`:                               true,
		`state.items.every(i => i.qty > 0)`:                           false,
		`state.items[0] === state.items[0]`:                           true,
		`event.data.n > 3`:                                            true,
		`Decimal(state.big).eq("9007199254740993")`:                   true,
		`state.missing === undefined`:                                 true,
		`Object.keys(state)[0] === "0"`:                               true,
		"state.total < 0 // a comment":                                true,
		`structuredClone(state).items.push(1) === 3`:                  true,
		`[...state.items].sort((a, b) => a.qty - b.qty)[0].qty === 0`: true,
		`new Date().getFullYear() === 2026`:                           true,
	} {
		p, err := CompilePredicate(src, "--bad", Limits{})
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		st := mustParseState(t, text)
		for range 2 {
			got, err := p.Test(st, ev(1, "E", `{"n":4}`))
			if err != nil || got != want {
				t.Errorf("%s: %v %v", src, got, err)
			}
		}
		if got := string(state.AppendJSON(nil, st)); got != text {
			t.Errorf("%s changed the state to %s", src, got)
		}
	}
}

func TestPredicateErrors(t *testing.T) {
	for src, want := range map[string]string{
		`state.missing`:            "the expression gave undefined, which is neither true nor false",
		`null`:                     "gave null",
		`0`:                        "gave 0",
		`"yes"`:                    `gave "yes"`,
		`state`:                    `gave {"total":1,"l":[1]}`,
		`state.l.length`:           "gave 1",
		`Promise.resolve(true)`:    "neither true nor false",
		`() => true`:               "neither true nor false",
		`state.a.b > 1`:            "Cannot read property 'b' of undefined",
		`(() => { for (;;); })()`:  "did not return within 100ms",
		`state.total = 1`:          "are read-only here",
		`(state.total++, true)`:    "are read-only here",
		`delete state.total`:       "are read-only here",
		`state.l.push(1) > 0`:      "are read-only here",
		`state.l.sort() && true`:   "are read-only here",
		`state.l.pop() === 1`:      "are read-only here",
		`state.l.length = 0`:       "are read-only here",
		`(event.data.n = 1) === 1`: "are read-only here",
		`(event.note = 1) === 1`:   "are read-only here",
		`Object.assign(state, {}, {a: 1}) && true`: "are read-only here",
	} {
		p, err := CompilePredicate(src, "--bad", Limits{Time: 100 * time.Millisecond})
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		_, err = p.Test(mustParseState(t, `{"total":1,"l":[1]}`), ev(7, "Paid", `{}`))
		var fe *replay.FoldError
		if !errors.As(err, &fe) || fe.At.EventType != "Paid" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", src, err, want)
		}
	}
}

func TestPredicateSyntax(t *testing.T) {
	for src, want := range map[string]string{
		``:                     "the expression is empty",
		`state.total <`:        "unexpected",
		`state.a; state.b`:     "--bad:1:8: ",
		`true); }); (() => {(`: "",
		`return true`:          "--bad:1:1: ",
		"state.a ||\n  = 3":    "--bad:2:3: ",
	} {
		_, err := CompilePredicate(src, "--bad", Limits{})
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", src, err, want)
		}
	}
}

// TestPredicateWithoutEvent tests the state before the first event.
func TestPredicateWithoutEvent(t *testing.T) {
	p, err := CompilePredicate(`event === null && state === null`, "--bad", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := p.Test(state.Value{}, nil); !got || err != nil {
		t.Errorf("%v %v", got, err)
	}
}

// TestPredicateBesideFold tests the live state of a fold that continues.
func TestPredicateBesideFold(t *testing.T) {
	s := mustLoad(t, `let root, item; fromAll().when({$init: () => ({l: []}), A(s, e) {
		if (root && (root !== s || item !== s.l)) throw new Error('another object');
		root = s; item = s.l; s.l.push(e.data) }})`)
	p, err := CompilePredicate(`state.l.length > 1 && state.l[0].n === 0 && event.data.n > 0`, "--bad", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	st := state.New()
	if err := s.Init(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	if _, err := st.Commit(false); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		e := ev(i, "A", `{"n":`+string(rune('0'+i))+`}`)
		if _, err := s.Apply(t.Context(), st, e); err != nil {
			t.Fatal(err)
		}
		if _, err := st.Commit(false); err != nil {
			t.Fatal(err)
		}
		if got, err := p.Test(st.Root(), e); got != (i > 0) || err != nil {
			t.Errorf("%d: %v %v", i, got, err)
		}
	}
}

func TestUpcaster(t *testing.T) {
	u, err := LoadUpcaster("up.js", `
		upcast('A', 1, data => { data.qty ??= 1 });
		upcast('A', 2, (data, e) => ({...data, by: e.actor, big: data.big, items: [data.item]}));
		upcast('Old', 0, d => d.inner);`, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		typ, data string
		revision  int
		want      string
		to        int
	}{
		{"A", `{"x":0.10,"big":9007199254740993,"item":{"a":1}}`, 1, `{"x":0.10,"big":9007199254740993,"item":{"a":1},"qty":1,"by":"ann","items":[{"a":1}]}`, 3},
		{"A", `{"qty":5,"item":[]}`, 2, `{"qty":5,"item":[],"by":"ann","items":[[]]}`, 3},
		{"A", `{"x":1}`, 3, `{"x":1}`, 3},
		{"B", `{"x":1}`, 1, `{"x":1}`, 1},
		{"Old", `{"inner":{"y":[1]}}`, 0, `{"y":[1]}`, 1},
	} {
		e := ev(1, test.typ, test.data)
		e.Revision = test.revision
		if err := u.Upcast(e); err != nil {
			t.Fatal(err)
		}
		v, err := e.Body()
		if err != nil {
			t.Fatal(err)
		}
		if got := string(state.AppendJSON(nil, v)); got != test.want || e.Revision != test.to {
			t.Errorf("got  %s (%d)\nwant %s (%d)", got, e.Revision, test.want, test.to)
		}
	}
}

func TestUpcasterErrors(t *testing.T) {
	for src, want := range map[string]string{
		`1`:                        "defines no upcaster",
		`upcast('A', 1)`:           "upcast needs a type",
		`upcast('A', 1.5, d => d)`: "upcast needs a type",
		`upcast('A', 1, d => d); upcast('A', 1, d => d)`: "two upcasters for revision 1 of A",
		`upcast('A', 1, d =>`:                            "up.js:1:",
	} {
		if _, err := LoadUpcaster("up.js", src, Limits{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", src, err)
		}
	}
	for src, want := range map[string]string{
		`d => d.a.b`:        "Cannot read property 'b'",
		`d => { d.me = d }`: "contains itself",
		`d => { const a = {}; a.a = a; return a }`:                   "contains itself",
		`d => { for (let i = 0; i < 30; i++) d = [d, d]; return d }`: "too large",
	} {
		u, err := LoadUpcaster("up.js", `upcast('A', 1, `+src+`)`, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		e := ev(4, "A", `{}`)
		e.Revision = 1
		var fe *replay.FoldError
		if err := u.Upcast(e); !errors.As(err, &fe) || fe.By != "up.js" || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", src, err)
		}
	}
}

// What an expression says of a state may be kept only where it surely depends on
// no more than state and event.
func TestPredicateIdentity(t *testing.T) {
	seen := map[string]string{}
	for src, want := range map[string]bool{
		`state.total < 0`:                       true,
		`state.total <  0`:                      true,
		`state.items.every(i => i.qty > 0)`:     true,
		`event !== null && event.type === 'A'`:  true,
		`Object.keys(s).length > Math.max(1,2)`: true,
		`globalThis.n = 1`:                      false,
		`(this.n = (this.n ?? 0) + 1) > 2`:      false,
		`(Math.n = (Math.n ?? 0) + 1) > 2`:      false,
	} {
		p, err := CompilePredicate(src, "--bad", Limits{})
		if err != nil {
			t.Fatal(err)
		}
		id, ok := p.Identity()
		if ok != want {
			t.Errorf("%s: %v, want %v", src, ok, want)
		}
		if other, ok := seen[id]; ok {
			t.Errorf("%s has the identity of %s", src, other)
		}
		seen[id] = src
	}
}

// TestPredicateUnread holds an expression to having no way to the parts of the
// event that it says it does not look at.
func TestPredicateUnread(t *testing.T) {
	const (
		payload = replay.FieldData
		rest    = replay.FieldID | replay.FieldTime | replay.FieldMeta
	)
	for expr, want := range map[string]replay.Fields{
		"state.total < 0": rest | payload, "s.items.some(i => i.qty < 1)": rest | payload, "Math.abs(state.total) > 1": rest | payload,
		"state['e'] === 1": 0, "state.prevention > 1": rest | payload,
		"event.version >= 7": rest | payload, "e.type === 'A' && event?.stream === 'b'": rest | payload, "e.data.qty > 1": rest, "event.body?.x > s.y": rest,
		"event.id === 'a'": 0, "e.time": 0, "arguments[1].id === ''": 0, "Date.now() > 0": 0, "event.versionId": 0, "e.data.qty > 1 && e.id > ''": 0,
		"new Date(state.at) > 1": 0, "\\u0065vent.id === ''": 0, "globalThis['Da' + 'te'].now() > 0": 0, "(({id}) => id > '')(e)": 0, "[e][0].id === ''": 0,
		"e . id": 0, "e.version > 1 && e[state.k] > 1": 0, "e.metadata.x": 0, "(x => x.id)(e.version > 1 ? e : event)": 0,
	} {
		p, err := CompilePredicate(expr, "--bad", Limits{})
		if err != nil {
			t.Fatal(expr, err)
		}
		if got := p.Unread(); got != want {
			t.Errorf("%s: it says that it spares %b, want %b", expr, got, want)
		}
	}
}
