package project

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/place"
)

const shopToml = `# a shop
[stores]
shop = "shop.db"
live = "postgres://localhost/shop"
[stores.legacy]
path = "old/legacy.db"
table = "orders_log"
map = { stream = "order_id", version = "seq" }
key_file = "secret.key"
metadata = { actor = "/who" }

[metadata]
actor = ["/user/id", "/user/0/na~1me"]
correlation = "/correlationId"

[[projection]]
name = "cart"
streams = ["cart-*", "basket-?"]
fold = "folds/cart.js"
upcast = ["up/a.js", "up/b.js"]
array_key = ["sku"]

[[projection]]
name = "orders"
category = "Order"
streams = "*-eu"
fold = "merge"

[[projection]]
name = "own"
fold = "exec:python 'my fold.py' --x"

[[invariant]]
name = "never negative"
projection = "cart"
good = "state.total >= 0"

[[invariant]]
name = "paid once"
projection = "orders"
bad = """
state.payments > 1"""
`

func mustParse(t *testing.T, text string) *Project {
	t.Helper()
	p, err := parseProject("/shop/asof.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestProject(t *testing.T) {
	p := mustParse(t, shopToml)
	if p.Path != "/shop/asof.toml" || p.Dir != "/shop" {
		t.Errorf("path %q, dir %q", p.Path, p.Dir)
	}
	all := Metadata{Actor: []string{"/user/id", "/user/0/na~1me"}, Correlation: []string{"/correlationId"}}
	at := place.Parse
	stores := []*Store{
		{Name: "shop", Location: at("/shop/shop.db"), Metadata: all, Line: 3},
		{Name: "live", Location: at("postgres://localhost/shop"), Metadata: all, Line: 4},
		{
			Name: "legacy", Location: at("/shop/old/legacy.db"), Table: "orders_log", KeyFile: "/shop/secret.key",
			Map:      map[string]string{"stream": "order_id", "version": "seq"},
			Metadata: Metadata{Actor: []string{"/who"}, Correlation: all.Correlation}, Line: 5,
		},
	}
	if !reflect.DeepEqual(p.Metadata, all) {
		t.Errorf("metadata %+v", p.Metadata)
	}
	if len(p.Stores) != len(stores) {
		t.Fatalf("%d stores", len(p.Stores))
	}
	for i, want := range stores {
		if got := p.Stores[i].Location.Reveal(); got != want.Location.Reveal() {
			t.Errorf("store %s is at %s", want.Name, got)
		}
		want.Location, p.Stores[i].Location = place.Location{}, place.Location{}
		if !reflect.DeepEqual(p.Stores[i], want) {
			t.Errorf("store %+v\nwant  %+v", p.Stores[i], want)
		}
	}
	cart, orders, own := p.Projections[0], p.Projections[1], p.Projections[2]
	if cart.Kind != KindScript || cart.Line != 16 || !reflect.DeepEqual(cart.Upcast, []string{"up/a.js", "up/b.js"}) ||
		!reflect.DeepEqual(cart.ArrayKeys, []string{"sku"}) {
		t.Errorf("cart is %+v", cart)
	}
	if orders.Kind != KindMerge || !reflect.DeepEqual(orders.Categories, []string{"Order"}) {
		t.Errorf("orders is %+v", orders)
	}
	if own.Kind != KindCommand || own.HasSelector() ||
		!reflect.DeepEqual(own.command, []string{"python", "my fold.py", "--x"}) {
		t.Errorf("own is %+v", own)
	}
	if v := *p.Invariants[0]; v != (Invariant{"never negative", "cart", "state.total >= 0", "", 36}) {
		t.Errorf("invariant %+v", v)
	}
	if v := *p.Invariants[1]; v != (Invariant{"paid once", "orders", "", "state.payments > 1", 41}) {
		t.Errorf("invariant %+v", v)
	}
}

func TestProjectFor(t *testing.T) {
	p := mustParse(t, shopToml)
	for _, c := range []struct {
		stream   replay.StreamID
		category string
		want     string
	}{
		{"cart-1", "", "cart"},
		{"basket-1", "x", "cart"},
		{"basket-11", "x", ""},
		{"order-1-eu", "Order", "orders"},
		{"order-1-uk", "Order", ""}, // category and pattern both have to fit
		{"order-1-eu", "order", ""},
	} {
		got := ""
		if j, ok := p.ProjectionFor(c.stream, c.category); ok {
			got = j.Name
		}
		if got != c.want {
			t.Errorf("projection for %s (%s): %q, want %q", c.stream, c.category, got, c.want)
		}
	}
}

func TestProjectByName(t *testing.T) {
	p := mustParse(t, shopToml)
	if s, err := p.Store("legacy"); err != nil || s.Table != "orders_log" {
		t.Errorf("%+v, %v", s, err)
	}
	if j, err := p.Projection("own"); err != nil || j.Name != "own" {
		t.Errorf("%+v, %v", j, err)
	}
	_, noStore := p.Store("shpo")
	_, noProjection := p.Projection("zzzzzz")
	_, nothing := mustParse(t, "").Store("shop")
	for _, c := range []struct {
		err       error
		msg, hint string
	}{
		{noStore, `no store "shpo" in /shop/asof.toml`, "shop"},
		{noProjection, `no projection "zzzzzz" in /shop/asof.toml`, "it has cart, orders, own"},
		{nothing, `no store "shop" in /shop/asof.toml`, "the file has no store"},
	} {
		var e *replay.NotFoundError
		if !errors.As(c.err, &e) || e.Error() != c.msg || cmp.Or(strings.Join(e.Near, ", "), e.Next.Text) != c.hint {
			t.Errorf("%v; hint %q, near %q", c.err, e.Next, e.Near)
		}
	}
}

// badProjects are files with one fault, and what is said about it: the message
// without the path, the source with its caret, and the hint.
var badProjects = []struct{ text, msg, source, hint string }{
	{
		"[[projection]]\nname = \"a\"\nfold = \"merge\"\nstrems = \"x\"\n",
		`4:1: unknown key "strems" in [[projection]]`,
		"strems = \"x\"\n^", "did you mean streams?",
	},
	{
		"[[projection]]\nname = 'x'\nfold = 'merge'\n[[projection.rule]]\n",
		`4:14: unknown key "rule" in [[projection]]`,
		"[[projection.rule]]\n             ^", "the keys are name, streams, category, fold, upcast, array_key",
	},
	{
		"[stores]\n[storage]\n",
		`2:2: unknown key "storage"`,
		"[storage]\n ^", "the keys are metadata, stores, projection, invariant",
	},
	{
		"[stores.a]\npath = 'x'\n  dialct = 'y'\n",
		`3:3: unknown key "dialct" in store a`,
		"  dialct = 'y'\n  ^", "did you mean dialect?",
	},
	{
		"[stores]\na = { path = 'x', pth = 'y' }\n",
		`2:19: unknown key "pth" in store a`,
		"a = { path = 'x', pth = 'y' }\n                  ^", "did you mean path?",
	},
	{
		"[stores]\na = 'x\n",
		`2:7: literal strings cannot have new lines`,
		"a = 'x\n      ^", "",
	},
	{
		"[stores]\na = 'x'\na = 'y'\n",
		`3:1: key a is already defined`,
		"a = 'y'\n^", "",
	},
	{
		"[stores]\n\ta = 3\n",
		`2:6: store "a" must be a path or a table, not a number`,
		"\ta = 3\n\t    ^", "",
	},
	{"[stores]\na = ''\n", "2:5: a is empty", "a = ''\n    ^", "give it a value or leave it out"},
	{
		"[stores.a]\ntable = 'x'\n",
		`1:9: store a has no path`,
		"[stores.a]\n        ^", `name its file: path = "shop.db"`,
	},
	{
		"stores = ['a']\n",
		`1:1: stores must be a table, not a list`,
		"stores = ['a']\n^", "write [stores], with single brackets",
	},
	{
		"[[metadata]]\nactor = '/a'\n",
		`1:3: metadata must be a table, not a list`,
		"[[metadata]]\n  ^", "write [metadata], with single brackets",
	},
	{
		"[metadata]\nactor = ['/a', 'user']\n",
		`2:16: "user" is not a JSON pointer: it does not begin with /`,
		"actor = ['/a', 'user']\n               ^", `write it as in "/user/id"`,
	},
	{
		"[metadata]\nactor = '/a~2'\n",
		`2:9: "/a~2" is not a JSON pointer: a ~ is followed by neither 0 nor 1`,
		"actor = '/a~2'\n        ^", `write it as in "/user/id"`,
	},
	{
		"[metadata]\nactor = ['/a', 3]\n",
		`2:16: actor must be a list of strings: element 2 is a number`,
		"actor = ['/a', 3]\n               ^", "",
	},
	{
		"[metadata]\nactor = []\n",
		`2:1: actor is empty`,
		"actor = []\n^", "give it a value or leave it out",
	},
	{
		"[metadata]\nactor = 2026-01-01\n",
		`2:9: actor must be a string or a list of them, not a date or time`,
		"actor = 2026-01-01\n        ^", "",
	},
	{
		"[projection]\nname = 'a'\n",
		`1:2: projection must be a list of tables, not a table`,
		"[projection]\n ^", "write [[projection]], with double brackets",
	},
	{
		"projection = [{name='a', fold='merge'}, 'b']\n",
		`1:41: projection must be a list of tables: element 2 is a string`,
		"projection = [{name='a', fold='merge'}, 'b']\n                                        ^", "write [[projection]]",
	},
	{
		"[[projection]]\nname='a'\nfold='merge'\n[[projection]]\nfold='merge'\n",
		`4:3: [[projection]] has no name`,
		"[[projection]]\n  ^", `give it one: name = "cart"`,
	},
	{
		"[[projection]]\nname='a'\nfold='merge'\n[[projection]]\nname='a'\nfold='merge'\n",
		`5:6: a second [[projection]] named "a"; the first is on line 2`,
		"name='a'\n     ^", "",
	},
	{
		"[[projection]]\nname='a/b'\nfold='merge'\n",
		`2:6: the name "a/b" has a / or @ in it`,
		"name='a/b'\n     ^", "proj:NAME/PARTITION@POINT would be ambiguous",
	},
	{
		"[[projection]]\nname='a'\n",
		`1:3: [[projection]] has no fold`,
		"[[projection]]\n  ^", `name a .js file, "merge", or a command as "exec:python fold.py"`,
	},
	{
		"[[projection]]\nname='a'\nfold='merg'\n",
		`3:6: fold "merg" is not recognized`,
		"fold='merg'\n     ^", "did you mean merge?",
	},
	{
		"[[projection]]\nname='a'\nfold='fold.py'\n",
		`3:6: fold "fold.py" is not recognized`,
		"fold='fold.py'\n     ^", `name a .js file, "merge", or a command as "exec:python fold.py"`,
	},
	{
		"[[projection]]\nname='a'\nfold=\"exec:python 'x\"\n",
		`3:6: the command has a ' without its pair`,
		"fold=\"exec:python 'x\"\n     ^", `name a .js file, "merge", or a command as "exec:python fold.py"`,
	},
	{
		"[[projection]]\nname='a'\nfold='exec: '\n",
		`3:6: the command is empty`,
		"fold='exec: '\n     ^", `name a .js file, "merge", or a command as "exec:python fold.py"`,
	},
	{
		"[[projection]]\nname='ä' # é\nfold='merge'\nstreams=['ü', '[']\n",
		`4:15: bad pattern "[": an unclosed [`,
		"streams=['ü', '[']\n              ^",
		`* matches any text, ? one character, [a-z] one of these, [^a-z] any other; \ takes the next character literally`,
	},
	{
		"[[projection]]\nname='cart'\nfold='merge'\n[[invariant]]\nname='i'\nprojection='crat'\ngood='true'\n",
		`6:12: no projection "crat"`,
		"projection='crat'\n           ^", "did you mean cart?",
	},
	{
		"[[invariant]]\nname='i'\nprojection='cart'\ngood='true'\n",
		`3:12: no projection "cart"`,
		"projection='cart'\n           ^", "the file has no [[projection]]",
	},
	{
		"[[projection]]\nname='a'\nfold='merge'\n[[invariant]]\nname='i'\nprojection='a'\nbad='x'\ngood='y'\n",
		`7:5: [[invariant]] has both good and bad`,
		"bad='x'\n    ^",
		`write what is true of a good state (good = "state.total >= 0") or of a bad one (bad = "state.total < 0")`,
	},
	{
		"[[projection]]\nname='a'\nfold='merge'\n[[invariant]]\nname='i'\nprojection='a'\n",
		`4:3: [[invariant]] has neither good nor bad`,
		"[[invariant]]\n  ^",
		`write what is true of a good state (good = "state.total >= 0") or of a bad one (bad = "state.total < 0")`,
	},
	{
		"[[projection]]\nname=\"a\\u001b[31m\"\nfold='merge'\n",
		`2:6: the name "a\x1b[31m" has characters that cannot be shown`,
		"name=\"a\\u001b[31m\"\n     ^", "",
	},
	{"[stores]\n\"\" = 'x'\n", `2:1: "" is not a valid store name`, "\"\" = 'x'\n^", ""},
	{
		"[stores.a]\npath='x'\n\"\\u001b\"='x'\n[stores.b]\npath='x'\n[stores.\"\\u001b\"]\n",
		`3:1: unknown key "\x1b" in store a`,
		"\"\\u001b\"='x'\n^", "the keys are path, dialect, table, query, context, clock, time_zone, key_file, map, metadata",
	},
	{
		"[a]\n\"\\u001b\" = 'x'\n\"\\u001b\" = 'x'\n",
		"3:1: key \ufffd is already defined",
		"\"\\u001b\" = 'x'\n^", "",
	},
	{ // of several faults, the first, but a misspelt key before a missing one
		"[[invariant]]\nnam='i'\n[[projection]]\nfold='x'\n",
		`2:1: unknown key "nam" in [[invariant]]`,
		"nam='i'\n^", "did you mean name?",
	},
}

func TestProjectErrors(t *testing.T) {
	for _, c := range badProjects {
		for _, text := range []string{c.text, strings.ReplaceAll(c.text, "\n", "\r\n"), "\ufeff" + c.text} {
			_, err := parseProject("asof.toml", []byte(text))
			var e *Error
			if !errors.As(err, &e) {
				t.Errorf("%q: %v, want a Error", text, err)
				continue
			}
			if got := e.Error(); got != "asof.toml:"+c.msg {
				t.Errorf("%q:\n got %s\nwant asof.toml:%s", text, got, c.msg)
			}
			if e.Source != c.source {
				t.Errorf("%q: source\n%s\nwant\n%s", text, e.Source, c.source)
			}
			if fault.RemedyOf(e).String() != c.hint {
				t.Errorf("%q: hint %q, want %q", text, fault.RemedyOf(e).String(), c.hint)
			}
		}
	}
}

func TestProjectSourceIsShort(t *testing.T) {
	text := "a = '" + strings.Repeat("x", 500) + "\x1b[31m" + strings.Repeat("y", 500) + "'\n"
	_, err := parseProject("asof.toml", []byte(text))
	var e *Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	line, under, _ := strings.Cut(e.Source, "\n")
	if strings.ContainsRune(line, 0x1b) || len([]rune(line)) != 120 || len(under) != 61 {
		t.Errorf("%q", e.Source)
	}
}

func TestProjectTooManyKeys(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("[a]\n", maxTomlKeys+1),
		strings.Repeat("a.", 500_000) + "b = 1\n",
		"a = [" + strings.Repeat("1,", maxTomlKeys+1) + "]\n",
		"a = " + strings.Repeat("{b=", 9000) + strings.Repeat("}", 9000),
		"a = " + strings.Repeat("[", 1_000_000),
	} {
		if _, err := parseProject("asof.toml", []byte(text)); err == nil {
			t.Errorf("%.20q…: no error", text)
		}
	}
}

func TestFindProject(t *testing.T) {
	top := t.TempDir()
	deep := filepath.Join(top, "a", "b")
	if err := os.MkdirAll(filepath.Join(deep, FileName), 0o755); err != nil { // a folder is none
		t.Fatal(err)
	}
	if path, ok := Find(deep, filepath.Dir(top)); ok {
		t.Fatalf("found %s", path)
	}
	want := filepath.Join(top, FileName)
	writeFile(t, want, "")
	if path, ok := Find(deep, ""); !ok || path != want {
		t.Errorf("found %q, %v; want %q", path, ok, want)
	}
	nearer := filepath.Join(top, "a", FileName)
	if err := os.Symlink("nowhere", nearer); err != nil {
		t.Skip(err)
	}
	if path, ok := Find(deep, ""); !ok || path != nearer {
		t.Errorf("found %q, %v; want %q", path, ok, nearer)
	}
	_, err := Load(nearer)
	var e *Error
	if !errors.As(err, &e) || !errors.Is(err, fs.ErrNotExist) || e.Line != 0 {
		t.Errorf("a dangling link: %v", err)
	}
	if _, err := Load(deep); err == nil || !strings.HasSuffix(err.Error(), ": is a folder") {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Load("/dev/zero"); err == nil {
		t.Error("a device: no error")
	}
	if p, err := Load(want); err != nil || p.Dir != top {
		t.Errorf("%+v, %v", p, err)
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func FuzzProject(f *testing.F) {
	f.Add(shopToml)
	for _, c := range badProjects {
		f.Add(c.text)
	}
	f.Add("a.\"b\\u0000\".c = [[{}], {x=[1]}]\n[[a.d]]\n[a.d.e]\n[[a.d]]\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parseProject("asof.toml", []byte(text))
		if err == nil {
			for _, j := range p.Projections {
				if j.Name == "" || j.Line == 0 {
					t.Errorf("a projection without name or line: %+v", j)
				}
			}
			return
		}
		var e *Error
		if !errors.As(err, &e) || e.Msg == "" {
			t.Fatalf("%#v", err)
		}
		if lines := strings.Count(text, "\n") + 1; e.Line > lines || e.Line > 0 && e.Col == 0 {
			t.Errorf("%d:%d of %d lines", e.Line, e.Col, lines)
		}
		if strings.ContainsAny(e.Msg+e.Next, "\x1b\r\n\x00") {
			t.Errorf("not fit for a terminal: %q, %q", e.Msg, e.Next)
		}
		if strings.ContainsAny(e.Source, "\x1b\r\x00") || strings.Count(e.Source, "\n") > 1 {
			t.Errorf("source %q", e.Source)
		}
	})
}
