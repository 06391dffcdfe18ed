package cmd

import (
	"reflect"
	"testing"
	"time"

	"asof/inspect/ask"
	"asof/replay/workspace"
)

func TestBisectParses(t *testing.T) {
	search := func(change func(*ask.Search)) ask.Search {
		s := ask.Search{Bisection: ask.Bisection{Timeline: timelineOf("cart-1")}}
		if change != nil {
			change(&s)
		}
		return s
	}
	for _, tt := range []struct {
		args []string
		want bisectOptions
	}{
		{[]string{"shop.db", "cart-1"}, bisectOptions{Search: search(nil)}},
		{
			[]string{"shop.db", "cart-1", "--bad", "state.x", "--from", "3", "--to", "head~1", "--fold", "a.js", "--exit-code"},
			bisectOptions{
				Search: search(func(s *ask.Search) { s.From, s.To, s.Fold = "3", "head~1", "a.js" }),
				cond:   ask.Condition{Bad: "state.x"}, exitCode: true,
			},
		},
		{
			[]string{"shop.db", "cart-1", "--run", "./x", "--at", "3..7", "--verify", "--term-old", "sound", "--term-new", "broken"},
			bisectOptions{
				Search:  search(func(s *ask.Search) { s.At, s.TermOld, s.TermNew = "3..7", "sound", "broken" }),
				command: "./x", verify: true,
			},
		},
		{
			[]string{"shop.db", "cart-1", "--fold", "a.js", "--fold", "b.js"},
			bisectOptions{Search: search(func(s *ask.Search) { s.Fold = "a.js" }), otherFold: "b.js"},
		},
		{
			[]string{"shop.db", "--all", "--good", "state.x", "--to", "pos:7", "--projection", "cart"},
			bisectOptions{
				Search: ask.Search{Bisection: ask.Bisection{To: "pos:7"}},
				all: &ask.BisectAll{
					StoreRef: workspace.StoreRef{Store: "shop.db"}, Folding: workspace.Folding{Projection: "cart"},
					Condition: ask.Condition{Good: "state.x"}, At: "pos:7",
				},
			},
		},
	} {
		tt.want.timeout = time.Minute
		if got, err := parsed(t, newBisectCmd, tt.args...); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q is %+v, want %+v: %v", tt.args, got, tt.want, err)
		}
	}
	for _, args := range [][]string{
		{"shop.db"},
		{"shop.db", "cart-1", "--all", "--bad", "x"},
		{"shop.db", "--all"},
		{"shop.db", "cart-1", "--bad", "x", "--run", "y"},
		{"shop.db", "cart-1", "--at", "1..2", "--to", "3"},
		{"shop.db", "--all", "--bad", "x", "--from", "3"},
		{"shop.db", "cart-1", "--run", "x", "--timeout", "0s"},
		{"shop.db", "cart-1", "--fold", "a", "--fold", "b", "--fold", "c"},
		{"shop.db", "cart-1", "--fold", "a", "--fold", ""},
	} {
		if _, err := parsed(t, newBisectCmd, args...); exitCode(err) != exitUsage {
			t.Errorf("%q ends with %v", args, err)
		}
	}
}
