package browse

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"asof/cmd/render"
	"asof/fixtures/demo"
	"asof/fixtures/sqlitefile"
	"asof/fixtures/testmain"
	"asof/replay/workspace"
)

var update = flag.Bool("update", false, "write the screens of testdata")

// A driver runs a model without a terminal: it sends messages, runs the commands that come
// back, and sends their messages, until nothing is left.
type driver struct {
	t    *testing.T
	m    *Model
	quit bool

	before func() // is called before each question; may be nil
}

// drive starts a model on a screen. dir has the store and its project.
func drive(t *testing.T, dir string, o Options, w, h int) *driver {
	t.Helper()
	if o.Ref.Store == "" {
		o.Ref.Store = demo.Store
	}
	o.Command = func(verb string, words, options []string) string {
		return render.CommandLine(slices.Concat([]string{"asof", verb, o.Ref.Store}, words, options))
	}
	space := workspace.New(workspace.Host{Dir: dir, Zone: time.UTC, Now: func() time.Time {
		return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	}}, workspace.Options{NoCache: true})
	t.Cleanup(space.Close)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	d := &driver{t: t, m: New(ctx, space, o)}
	d.m.pause, d.m.every = 0, 0
	d.send(tea.WindowSizeMsg{Width: w, Height: h})
	d.run(d.m.Init())
	return d
}

func (d *driver) send(msg tea.Msg) {
	d.t.Helper()
	_, cmd := d.m.Update(msg)
	d.run(cmd)
}

// run runs a command and all that follow from it.
func (d *driver) run(cmd tea.Cmd) {
	d.t.Helper()
	if cmd == nil {
		return
	}
	if d.before != nil {
		d.before()
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			d.run(c)
		}
	case tea.QuitMsg:
		d.quit = true
	default:
		d.send(msg)
	}
	if d.m.panicked != nil {
		d.t.Fatalf("panic: %v", d.m.panicked)
	}
}

// keys presses keys: names in angle brackets, such as <enter>, and letters.
func (d *driver) keys(keys string) *driver {
	d.t.Helper()
	for _, k := range regexp.MustCompile(`<[a-z+]+>|.`).FindAllString(keys, -1) {
		d.send(press(k))
	}
	return d
}

var named = map[string]tea.KeyPressMsg{
	"<enter>": {Code: tea.KeyEnter}, "<esc>": {Code: tea.KeyEscape}, "<tab>": {Code: tea.KeyTab},
	"<up>": {Code: tea.KeyUp}, "<down>": {Code: tea.KeyDown}, "<left>": {Code: tea.KeyLeft}, "<right>": {Code: tea.KeyRight},
	"<home>": {Code: tea.KeyHome}, "<end>": {Code: tea.KeyEnd}, "<pgup>": {Code: tea.KeyPgUp}, "<pgdown>": {Code: tea.KeyPgDown},
	"<backspace>": {Code: tea.KeyBackspace}, "<ctrl+c>": {Code: 'c', Mod: tea.ModCtrl}, "<ctrl+r>": {Code: 'r', Mod: tea.ModCtrl},
	"<ctrl+u>": {Code: 'u', Mod: tea.ModCtrl},
}

func press(key string) tea.KeyPressMsg {
	if k, ok := named[key]; ok {
		return k
	}
	r := []rune(key)[0]
	return tea.KeyPressMsg{Code: r, Text: key}
}

// screen is what is on screen, without styles and without blanks at the ends of lines.
func (d *driver) screen() string {
	var lines []string
	for _, l := range d.m.screen() {
		lines = append(lines, strings.TrimRight(ansi.Strip(l), " "))
	}
	return strings.Join(lines, "\n") + "\n"
}

// shop writes the demo store and its project into a folder, and returns it.
func shop(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, demo.Store)
	testmain.Once(t, "demo", path, func(path string) error {
		return sqlitefile.WriteNative(t.Context(), path, demo.Shop(demo.Events))
	})
	for name, text := range map[string]string{demo.Toml: demo.Config, demo.CartFile: demo.CartFold} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// golden compares a screen with the one of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
