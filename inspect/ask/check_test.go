package ask_test

import (
	"errors"
	"testing"

	"asof/inspect"
	"asof/inspect/ask"
	"asof/replay"
	"asof/replay/fold/js"
	"asof/replay/workspace"
)

var (
	shop = workspace.StoreRef{Store: "shop.db"}
	cart = ask.Timeline{StoreRef: shop, Stream: "cart-1"}
)

// TestCheckRejects asks invalid questions. Each fails before a store is opened: there
// is none.
func TestCheckRejects(t *testing.T) {
	log := func(e ask.Entries) ask.Log { return ask.Log{Timeline: cart, Entries: e} }
	strict := workspace.Folding{Strict: true}
	search, ranged := ask.Bisection{Timeline: cart}, cart
	ranged.At = "1..2"
	bad, both := ask.Condition{Bad: "state.x"}, ask.Condition{Bad: "state.x", Good: "state.y"}
	for name, q := range map[string]interface{ Check() error }{
		"no stream":              ask.Log{Timeline: ask.Timeline{StoreRef: shop}},
		"no stream to trace":     ask.Trace{StoreRef: shop},
		"a limit":                log(ask.Entries{Page: ask.Page{Limit: -1}}),
		"a time":                 log(ask.Entries{Since: "soon"}),
		"no time":                log(ask.Entries{Until: "17"}),
		"a path":                 log(ask.Entries{Path: "total < 0"}),
		"a regular expression":   log(ask.Entries{Grep: "("}),
		"one of changes":         log(ask.Entries{Changed: "("}),
		"an expression":          log(ask.Entries{Where: "event.data..x"}),
		"strict without a fold":  ask.Log{Timeline: ask.Timeline{StoreRef: shop, Stream: "cart-1", Folding: strict}},
		"strict of all":          ask.LogAll{StoreRef: shop, Folding: strict},
		"two folds":              ask.LogAll{StoreRef: shop, Folding: workspace.Folding{Fold: "a", Projection: "b"}},
		"a shard":                ask.LogAll{StoreRef: shop, Shard: "3/2"},
		"a shard of streams":     ask.Streams{StoreRef: shop, Shard: "x"},
		"an order":               ask.Streams{StoreRef: shop, Sort: "size"},
		"a glob":                 ask.Streams{StoreRef: shop, Pattern: "cart-["},
		"a limit of streams":     ask.Streams{StoreRef: shop, Page: ask.Page{Limit: -1}},
		"a time of streams":      ask.Streams{StoreRef: shop, Since: "head"},
		"a limit of differences": ask.DiffAll{StoreRef: shop, From: "start", To: "now", Page: ask.Page{Limit: -1}},
		"an invariant":           ask.CheckStore{StoreRef: shop, Invariants: []ask.Invariant{{Name: "x"}}},
		"one without a name":     ask.CheckStore{StoreRef: shop, Invariants: []ask.Invariant{{Condition: bad}}},
		"one that is both":       ask.CheckStore{StoreRef: shop, Invariants: []ask.Invariant{{Name: "x", Condition: both}}},
		"a limit of findings":    ask.CheckStore{StoreRef: shop, Page: ask.Page{Limit: -1}},
		"a limit of first ones":  ask.BisectAll{StoreRef: shop, Condition: bad, Page: ask.Page{Limit: -1}},
		"a limit of steps":       ask.Steps{Timeline: cart, Page: ask.Page{Limit: -1}},
		"a limit of trees":       ask.Trace{StoreRef: shop, Stream: "cart-1", Page: ask.Page{Limit: -1}},
		"a limit of entries":     ask.CacheInfo{Page: ask.Page{Limit: -1}},
		"a size":                 ask.CheckStore{StoreRef: shop, Memory: -1},
		"a shard of a check":     ask.CheckStore{StoreRef: shop, Shard: "0/2"},
		"no test":                ask.Bisect{Bisection: search},
		"a test that is both":    ask.Bisect{Bisection: search, Condition: both},
		"two ranges":             ask.Bisect{Bisection: ask.Bisection{Timeline: ranged, From: "1"}, Condition: bad},
		"one fold":               ask.BisectFolds{Bisection: search, OtherFold: "a.js"},
		"no command":             ask.BisectRun{Search: ask.Search{Bisection: search}},
		"a duration":             ask.BisectRun{Search: ask.Search{Bisection: search}, Command: "x", Timeout: "-1s"},
		"no condition":           ask.BisectAll{StoreRef: shop},
		"two conditions":         ask.BisectAll{StoreRef: shop, Condition: both},
		"a clock":                ask.Info{StoreRef: workspace.StoreRef{Store: "shop.db", Clock: "wall"}},
	} {
		var usage *workspace.UsageError
		var point *replay.PointError
		var syntax *js.SyntaxError
		if err := q.Check(); !errors.As(err, &usage) && !errors.As(err, &point) && !errors.As(err, &syntax) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, q := range map[string]interface{ Check() error }{
		"info":    ask.Info{StoreRef: shop},
		"streams": ask.Streams{StoreRef: shop, Pattern: "cart-*", Since: "2 days ago", Sort: inspect.StreamsByLast},
		"log":     log(ask.Entries{Where: "event.data.x > 1", Path: "/total", Changed: "^/a", Since: "yesterday"}),
		"log all": ask.LogAll{StoreRef: shop, Entries: ask.Entries{Patch: true}, Folding: strict, Shard: "1/2"},
		"check":   ask.CheckStore{StoreRef: shop, Invariants: []ask.Invariant{{Name: "x", Condition: bad}}},
		"bisect":  ask.Bisect{Bisection: ask.Bisection{Timeline: ranged}, Condition: bad},
		"run":     ask.BisectRun{Search: ask.Search{Bisection: ask.Bisection{Timeline: cart, From: "1"}}, Command: "x", Timeout: "1s"},
		"all":     ask.BisectAll{StoreRef: shop, Condition: bad, At: "pos:3"},
		"trace":   ask.Trace{StoreRef: shop, Stream: "cart-1"},
	} {
		if err := q.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
