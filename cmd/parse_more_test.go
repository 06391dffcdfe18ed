package cmd

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"asof/cmd/browse"
	"asof/inspect/ask"
	"asof/replay/workspace"
)

// parses checks what a command line asks, and that others are no command lines.
func parses[O any](t *testing.T, newCmd func(*app, func(O) error) *cobra.Command, line []string, want O, refused ...[]string) {
	t.Helper()
	if got, err := parsed(t, newCmd, line...); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%q is\n%+v, want\n%+v: %v", line, got, want, err)
	}
	for _, line := range refused {
		if got, err := parsed(t, newCmd, line...); exitCode(err) != exitUsage {
			t.Errorf("%q is %+v and ends with %v", line, got, err)
		}
	}
}

// byCart is the fold of the command lines below.
var byCart = workspace.Folding{Fold: "cart.js"}

func TestBrowseParses(t *testing.T) {
	parses(t, newBrowseCmd, []string{"shop.db", "cart-42@17", "--fold", "cart.js"}, browse.Options{Ref: shop, How: byCart, Stream: "cart-42@17"},
		nil, []string{"shop.db", "cart-1", "cart-2"}, []string{"shop.db", "--fold", "a.js", "--fold", "b.js"})
}

func TestInitParses(t *testing.T) {
	parses(t, newInitCmd, []string{"shop.db", "--print", "--dir", "there"}, initOptions{Init: ask.Init{StoreRef: shop, Dir: "there"}, print: true},
		nil, []string{"shop.db", "cart"})
}

func TestMineParses(t *testing.T) {
	parses(t, newMineCmd, []string{"shop.db", "--projection", "cart", "--strict"},
		ask.Mine{StoreRef: shop, Folding: workspace.Folding{Projection: "cart", Strict: true}},
		nil, []string{"shop.db", "cart-1"}, []string{"shop.db", "--fold", "a.js", "--fold", "b.js"})
}

func TestQueryParses(t *testing.T) {
	parses(t, newQueryCmd, []string{"shop.db", "SELECT 1", "--at", "pos:7", "-o", "csv", "-n", "3", "--cursor", "c", "--fold", "cart.js", "--explain"},
		queryOptions{Query: ask.Query{StoreRef: shop, Folding: byCart, SQL: "SELECT 1", At: "pos:7", Page: ask.Page{Limit: 3, Cursor: "c"}}, explain: true, form: "csv"},
		nil, []string{"shop.db"}, []string{"shop.db", "SELECT 1", "-f", "a.sql"}, []string{"shop.db", "SELECT 1", "--tables"})
	parses(t, newQueryCmd, []string{"shop.db", "-f", "a.sql"}, queryOptions{Query: ask.Query{StoreRef: shop, SQLFile: "a.sql"}})
	parses(t, newQueryCmd, []string{"shop.db", "--tables"}, queryOptions{Query: ask.Query{StoreRef: shop}, tables: true})
}

func TestMaterializeParses(t *testing.T) {
	parses(t, newMaterializeCmd,
		[]string{"shop.db", "cart", "--to", "carts/", "--table", "open", "--columns", "total,status", "--at", "2026-03-01", "--shard", "2/8", "--rebuild"},
		ask.Materialize{
			StoreRef: shop, Folding: workspace.Folding{Projection: "cart"}, At: "2026-03-01", To: "carts/",
			Shard: "2/8", Model: "open", Columns: []string{"total", "status"}, Rebuild: true,
		},
		nil, []string{"shop.db", "cart", "--fold", "cart.js"}, []string{"shop.db", "cart", "--projection", "cart"}, []string{"shop.db", "cart", "order"})
}

func TestDriftParses(t *testing.T) {
	of := func(args ...string) (ask.Drift, error) {
		o, err := parsed(t, newDriftCmd, args...)
		return o.Drift, err
	}
	for _, tt := range []struct {
		args []string
		want ask.Drift
	}{
		{
			[]string{"shop.db", "cart", "--against", "read.db", "--table", "carts", "--key", "id=cart-*", "--map", "total=/total,n=/n", "--at", "7", "--tolerance", "0.01", "-n", "5"},
			ask.Drift{
				StoreRef: shop, Folding: workspace.Folding{Projection: "cart"}, At: "7", Against: "read.db", Model: "carts", Key: "id=cart-*",
				Columns: map[string]string{"total": "/total", "n": "/n"}, Tolerance: "0.01", Page: ask.Page{Limit: 5},
			},
		},
		{[]string{"shop.db", "--fold", "cart.js", "--fold", "new.js"}, ask.Drift{StoreRef: shop, Folding: byCart, OtherFold: "new.js"}},
		{
			[]string{"shop.db", "--fold", "cart.js", "--snapshots", "--checkpoint", "SELECT 1"},
			ask.Drift{StoreRef: shop, Folding: byCart, Snapshots: true, Checkpoint: "SELECT 1"},
		},
	} {
		got, err := of(tt.args...)
		if len(tt.want.Columns) == 0 {
			got.Columns = nil
		}
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%q is\n%+v, want\n%+v: %v", tt.args, got, tt.want, err)
		}
	}
	for _, args := range [][]string{nil, {"shop.db", "cart", "order"}, {"shop.db", "cart", "--fold", "cart.js"}} {
		if got, err := of(args...); exitCode(err) != exitUsage {
			t.Errorf("%q is %+v and ends with %v", args, got, err)
		}
	}
}

func TestReportParses(t *testing.T) {
	at := timelineOf("cart-42@20..31")
	at.Fold = "cart.js"
	parses(t, newReportCmd, []string{"shop.db", "cart-42@20..31", "--bad", "state.n < 0", "--note", "n.md", "--redact", "/data/a", "--redact", "/actor", "-o", "p.html", "--force", "--fold", "cart.js"},
		ask.Report{
			Timeline: at, Condition: ask.Condition{Bad: "state.n < 0"}, Note: "n.md",
			Redact: []string{"/data/a", "/actor"}, Out: "p.html", Force: true,
		},
		nil, []string{"shop.db"}, []string{"shop.db", "cart-1", "cart-2"})
}

func TestWhyParses(t *testing.T) {
	parses(t, newWhyCmd, []string{"shop.db", "cart-1", "/total", "--depth", "3", "--all", "-o", "dot"},
		whyOptions{Why: ask.Why{Timeline: timelineOf("cart-1"), Path: "/total", Depth: 3}, all: true, format: "dot"},
		nil, []string{"shop.db", "cart-1"}, []string{"shop.db", "cart-1", "/a", "/b"})
}

// TestEveryCommandParses checks that the command line of every verb is parsed in a test
// that runs no question.
func TestEveryCommandParses(t *testing.T) {
	t.Parallel()
	var tests strings.Builder
	for file, text := range testSources(t) {
		if strings.HasPrefix(file, "cmd/") {
			tests.WriteString(string(text))
		}
	}
	made, n := regexp.MustCompile(`(?m)^func (new\w+Cmd)\(a \*app, runF `), 0
	for file, text := range goSources(t, "cmd") {
		for _, m := range made.FindAllStringSubmatch(string(text), -1) {
			if n++; !regexp.MustCompile(`\bparse[ds]\(t, ` + m[1] + `\b`).MatchString(tests.String()) {
				t.Errorf("%s: no test parses a command line by %s", file, m[1])
			}
		}
	}
	if n < 20 {
		t.Errorf("%d constructors are found", n)
	}
}
