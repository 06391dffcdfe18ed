package project

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"asof/replay"
	"asof/replay/fault"
	"asof/replay/fold/exec"
	"asof/replay/fold/js"
	"asof/replay/state"
)

// openProject writes the files, by path, to a folder and loads its asof.toml.
func openProject(t *testing.T, files map[string]string) *Project {
	t.Helper()
	dir := t.TempDir()
	for path, text := range files {
		writeFile(t, filepath.Join(dir, path), text)
	}
	p, err := Load(filepath.Join(dir, FileName))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const cartToml = `[[projection]]
name = "cart"
fold = "folds/cart.js"
upcast = ["up/odd.js", "up/even.js"]
array_key = "sku"
`

var cartFiles = map[string]string{
	FileName:        cartToml,
	"folds/cart.js": `fromAll().when({ $init: () => ({ n: 0 }), Added(s, e) { s.n += e.data.n } })`,
	"up/odd.js":     "upcast('Added', 1, d => { d.n = d.n * 10 + 1 }); upcast('Added', 3, d => { d.n = d.n * 10 + 3 })",
	"up/even.js":    "upcast('Added', 2, d => { d.n = d.n * 10 + 2 })",
}

func TestProjectionOpen(t *testing.T) {
	j := openProject(t, cartFiles).Projections[0]
	run := func() (string, error) {
		r, up, err := j.Open(OpenOptions{})
		if err != nil {
			return "", err
		}
		st := state.New()
		if err := r.Init(t.Context(), st); err != nil {
			return "", err
		}
		e := event("Added", `{"n":7}`)
		e.Revision = 1
		if err := up.Upcast(e); err != nil {
			return "", err
		}
		if _, err := r.Apply(t.Context(), st, e); err != nil {
			return "", err
		}
		if _, err := st.Commit(false); err != nil {
			return "", err
		}
		return rootJSON(st), nil
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if got, err := run(); err != nil || got != `{"n":7123}` {
				t.Errorf("%s, %v", got, err)
			}
		})
	}
	wg.Wait()
	// What was read is kept, so that one answer is about one fold.
	if err := os.Remove(filepath.Join(j.dir, "folds", "cart.js")); err != nil {
		t.Fatal(err)
	}
	if got, err := run(); err != nil || got != `{"n":7123}` {
		t.Errorf("%s, %v", got, err)
	}
}

func TestProjectionOpenMerge(t *testing.T) {
	p := openProject(t, map[string]string{FileName: "[[projection]]\nname='a'\nfold='merge'\n"})
	r, up, err := p.Projections[0].Open(OpenOptions{})
	if err != nil || up != nil || r.Name() != "merge" {
		t.Errorf("%v, %v, %v", r, up, err)
	}
}

func event(typ, data string) *replay.Event {
	return &replay.Event{Stream: "cart-1", Version: 1, Position: replay.NoPosition, Type: typ, Data: []byte(data)}
}

func rootJSON(st *state.State) string { return string(state.AppendJSON(nil, st.Root())) }

// The test program is also the command that the tests run: with this variable set
// it answers every question with the folder that it runs in.
const commandEnv = "ASOF_TEST_COMMAND"

func init() {
	if os.Getenv(commandEnv) == "" {
		return
	}
	dir, _ := os.Getwd()
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		fmt.Printf("{\"state\":%q}\n", dir)
	}
	os.Exit(0)
}

// A file that is found in the present folder must not run anything by itself.
func TestProjectionExecIsAsked(t *testing.T) {
	p := openProject(t, map[string]string{FileName: "[[projection]]\nname = 'own'\nfold = 'exec:touch ran'\n"})
	_, _, err := p.Projections[0].Open(OpenOptions{})
	var e *Error
	if !errors.As(err, &e) || e.Line != 3 || fault.RemedyOf(e).Text != "set ASOF_ALLOW_EXEC=1 to allow it, or name the command itself as the fold: 'exec:touch ran'" ||
		e.Msg != `projection "own" runs a command, which a project file may not do unless you allow it` {
		t.Errorf("%v; hint %q", err, fault.RemedyOf(e).Text)
	}
	if _, err := p.Projections[0].Hash(); err != nil {
		t.Error(err)
	}
	if names, err := os.ReadDir(p.Dir); err != nil || len(names) != 1 {
		t.Errorf("%v, %v", names, err)
	}

	t.Setenv(commandEnv, "where")
	own := openProject(t, map[string]string{FileName: "[[projection]]\nname = 'own'\nfold = '''exec:\"" + os.Args[0] + "\"'''\n"})
	r, _, err := own.Projections[0].Open(OpenOptions{AllowExec: true})
	if err != nil {
		t.Fatal(err)
	}
	defer r.(replay.Closer).Close()
	st := state.New()
	if err := r.Init(t.Context(), st); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Apply(t.Context(), st, event("A", "1")); err != nil {
		t.Fatal(err)
	}
	want, err := filepath.EvalSymlinks(own.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if got := st.Root().Text(); got != want || !strings.HasPrefix(r.Name(), exec.Prefix) {
		t.Errorf("%s ran in %s, want %s", r.Name(), got, want)
	}
}

func TestProjectionOpenErrors(t *testing.T) {
	open := func(path, text string) (*Project, error) {
		files := map[string]string{}
		for p, s := range cartFiles {
			if p != path {
				files[p] = s
			} else if text != "" {
				files[p] = text
			}
		}
		p := openProject(t, files)
		_, _, err := p.Projections[0].Open(OpenOptions{})
		return p, err
	}
	for _, c := range []struct{ path, at, msg, source string }{
		{"folds/cart.js", ":3:8: ", "folds/cart.js: no such file or directory", "fold = \"folds/cart.js\"\n       ^"},
		{
			"up/even.js", ":4:24: ", "up/even.js: no such file or directory",
			"upcast = [\"up/odd.js\", \"up/even.js\"]\n                       ^",
		},
	} {
		p, err := open(c.path, "")
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("without %s: %v", c.path, err)
			continue
		}
		if err.Error() != p.Path+c.at+c.msg || e.Source != c.source || fault.RemedyOf(e).Text != "paths are relative to "+p.Dir {
			t.Errorf("without %s: %v\n%s\nhint %q", c.path, err, e.Source, fault.RemedyOf(e).Text)
		}
		if _, err := p.Projections[0].Hash(); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("without %s: hash: %v", c.path, err)
		}
	}
	for _, path := range []string{"folds/cart.js", "up/odd.js"} {
		_, err := open(path, "fromAll().when({\n  A(s, e) { s.n = = 1 }\n})\n")
		var e *js.SyntaxError
		if !errors.As(err, &e) || e.Name != path {
			t.Errorf("%s with a syntax error: %v", path, err)
		}
	}
	p := openProject(t, cartFiles)
	if err := os.Remove(filepath.Join(p.Dir, "folds", "cart.js")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(p.Dir, "folds", "cart.js"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.Projections[0].Open(OpenOptions{}); err == nil || !strings.HasSuffix(err.Error(), "folds/cart.js: is a folder") {
		t.Error(err)
	}
}

// The hash changes with all that decides what a fold gives, and with nothing
// else.
func TestProjectionHash(t *testing.T) {
	hash := func(edit func(files map[string]string)) string {
		t.Helper()
		files := map[string]string{}
		for p, s := range cartFiles {
			files[p] = s
		}
		edit(files)
		h, err := openProject(t, files).Projections[0].Hash()
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	set := func(path, old, text string) func(map[string]string) {
		return func(files map[string]string) { files[path] = strings.Replace(files[path], old, text, 1) }
	}
	plain := hash(func(map[string]string) {})
	same := map[string]func(map[string]string){
		"the same":       func(map[string]string) {},
		"another name":   set(FileName, `"cart"`, `"basket"`),
		"other streams":  set(FileName, `array_key`, "streams = 'x'\narray_key"),
		"a key, as list": set(FileName, `"sku"`, `["sku"]`),
	}
	for what, edit := range same {
		if hash(edit) != plain {
			t.Errorf("%s: the hash differs", what)
		}
	}
	seen := map[string]string{plain: "the plain one"}
	for what, edit := range map[string]func(map[string]string){
		"another script":     set("folds/cart.js", "n: 0", "n: 1"),
		"another upcaster":   set("up/odd.js", "* 10", "* 100"),
		"one upcaster":       set(FileName, `, "up/even.js"`, ""),
		"another order":      set(FileName, `"up/odd.js", "up/even.js"`, `"up/even.js", "up/odd.js"`),
		"another key":        set(FileName, `"sku"`, `"id"`),
		"two keys":           set(FileName, `"sku"`, `["s", "ku"]`),
		"no key":             set(FileName, `array_key = "sku"`, ""),
		"merge":              set(FileName, "folds/cart.js", "merge"),
		"a command":          set(FileName, "folds/cart.js", "exec:a b"),
		"a command, quoted":  set(FileName, "folds/cart.js", "exec:'a b'"),
		"an upcaster as key": set(FileName, `, "up/even.js"]`+"\n"+`array_key = "sku"`, "]\narray_key = ['upcast', 'sku']"),
	} {
		h := hash(edit)
		if other, ok := seen[h]; ok {
			t.Errorf("%s has the hash of %s", what, other)
		}
		seen[h] = what
	}
}

// Several upcasters are known again if each of them is.
func TestUpcastersIdentity(t *testing.T) {
	identity := func(odd, list string) (string, bool) {
		t.Helper()
		files := map[string]string{}
		for p, s := range cartFiles {
			files[p] = s
		}
		files["up/odd.js"] = odd
		files[FileName] = strings.Replace(cartToml, `"up/odd.js", "up/even.js"`, list, 1)
		r, up, err := openProject(t, files).Projections[0].Open(OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return replay.Fold{Reducer: r, Upcaster: up}.Identity()
	}
	odd, both := cartFiles["up/odd.js"], `"up/odd.js", "up/even.js"`
	plain, ok := identity(odd, both)
	if again, _ := identity(odd, both); !ok || again != plain {
		t.Errorf("%v, %q and %q", ok, plain, again)
	}
	for _, other := range [][2]string{{odd + ";", both}, {odd, `"up/even.js", "up/odd.js"`}, {odd, `"up/odd.js"`}} {
		if id, ok := identity(other[0], other[1]); !ok || id == plain {
			t.Errorf("%q: %v, the same identity", other, ok)
		}
	}
	if _, ok := identity("let n = 0; upcast('Added', 1, d => { d.n = ++n })", both); ok {
		t.Error("a fold with a counter has an identity")
	}
}
