package browse

import (
	"os"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// TestScreens compares whole screens, after the keys that lead to them.
func TestScreens(t *testing.T) {
	dir := shop(t)
	for _, c := range []struct{ name, stream, keys string }{
		{"streams", "", ""},
		{"filter", "", "cart42"},
		{"last", "", "<end><up>"},
		{"listkeys", "", "?"},
		{"stream", "cart-42@28", ""},
		{"state", "cart-42@28", "<tab><down><down><down>"},
		{"changes", "cart-42@28", "<tab><down><down><down>{"},
		{"history", "cart-42@28", "<tab><end><end><tab>:28<enter><tab><down><down><down><down><down>b"},
		{"mark", "cart-42@28", "m:10<enter>D"},
		{"bisect", "cart-42", "Bstate.total < 0<enter>"},
		{"verdict", "cart-42", "Bstate.total < 0<enter><enter>"},
		{"whatif", "cart-42@26", "x<enter><right><right>"},
		{"trace", "cart-42@10", "t"},
		{"types", "cart-42@28", "f<enter>"},
		{"search", "cart-42@28", "/SPRING15<enter>"},
		{"event", "cart-42@28", "e"},
		{"ticks", "cart-42@28", "T"},
		{"start", "cart-42@1", "<left>"},
		{"keys", "cart-42@28", "?"},
		{"copied", "cart-42@28", "<tab><down>y"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, size := range []struct {
				name string
				w, h int
			}{{"80x24", 80, 24}, {"120x40", 120, 40}} {
				d := drive(t, dir, Options{Stream: c.stream}, size.w, size.h)
				d.keys(c.keys)
				golden(t, c.name+"-"+size.name, d.screen())
			}
		})
	}
}

// TestAnswerGivenUp drops the answer to a question that was asked again.
func TestAnswerGivenUp(t *testing.T) {
	d := drive(t, shop(t), Options{Stream: "cart-42@10"}, 80, 24)
	_, late := d.m.Update(press("<right>"))
	d.keys("<right>")
	want := d.screen()
	d.run(late)
	if got := d.screen(); got != want {
		t.Errorf("the answer of an earlier step changed the screen:\n%s", got)
	}
	if !strings.Contains(want, "event 12 ") {
		t.Errorf("two steps from 10 lead to:\n%s", want)
	}
}

// TestKeysWhileOpening gives the keys that are typed while a stream opens to its screen.
func TestKeysWhileOpening(t *testing.T) {
	d := drive(t, shop(t), Options{}, 80, 24)
	open := d.m.open("cart-42", "10")
	d.keys("<right><right>")
	d.run(open)
	if got := d.screen(); !strings.Contains(got, "event 12 ") {
		t.Errorf("keys typed while the stream opened are lost:\n%s", got)
	}
}

// TestLeaves tries the keys that leave, on each screen.
func TestLeaves(t *testing.T) {
	dir := shop(t)
	for _, c := range []struct {
		stream, keys string
		quit         bool
	}{
		{"", "q", true},
		{"", "<esc>", true},
		{"", "<ctrl+c>", true},
		{"", "cartq", false},
		{"", "cart<esc>", false},
		{"cart-42", "q", true},
		{"cart-42", "<esc>", false},
		{"cart-42", "<esc><esc>", true},
		{"cart-42", "e<ctrl+c>", true},
		{"cart-42", ":q<esc>", false},
		{"cart-42", ":<ctrl+c>", false},
		{"cart-42", "?q", false},
	} {
		d := drive(t, dir, Options{Stream: c.stream}, 80, 24)
		if d.keys(c.keys); d.quit != c.quit {
			t.Errorf("%q after %q: quit is %v", c.keys, c.stream, d.quit)
		}
	}
}

// TestFilterIsCleared: Ctrl-U empties the filter, as it empties a line of a shell.
func TestFilterIsCleared(t *testing.T) {
	d := drive(t, shop(t), Options{}, 80, 24)
	all := d.m.list.text
	d.keys("nobody<ctrl+u>")
	if d.m.list.text != all || strings.Contains(d.m.View().Content, "no stream matches") {
		t.Errorf("the filter is %q", d.m.list.text)
	}
}

// TestPaste adds pasted text to the line that is typed, without control characters.
func TestPaste(t *testing.T) {
	d := drive(t, shop(t), Options{Stream: "cart-42"}, 80, 24)
	d.keys(":")
	d.send(tea.PasteMsg{Content: "1\x1b[31m0\r\n"})
	d.keys("<backspace><backspace><backspace><backspace><enter>")
	if d.m.prompt != nil {
		t.Fatal("Enter did not close the prompt")
	}
}

// TestReadmeScreen holds the README to a screen that is tested here.
func TestReadmeScreen(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	screen, err := os.ReadFile("testdata/state-80x24.txt")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), string(screen)) {
		t.Error("README.md does not show the screen of testdata/state-80x24.txt")
	}
}

// TestEscapeGivesUp presses Escape while a question is asked: the screen stays.
func TestEscapeGivesUp(t *testing.T) {
	d := drive(t, shop(t), Options{Stream: "cart-42@10"}, 80, 24)
	_, late := d.m.Update(press("e"))
	d.keys("<esc>")
	d.run(late)
	if got := d.screen(); !strings.Contains(got, "event 10 ") || !strings.Contains(got, "given up") || strings.Contains(got, "── the event") {
		t.Errorf("Escape while the event is read leads to:\n%s", got)
	}
	if got := d.keys("<esc>").screen(); !strings.Contains(got, "stream 1 of") {
		t.Errorf("a second Escape leads to:\n%s", got)
	}
}

// TestLastLine: at a prompt, ↑ shows what was entered there before, and a slip says what
// can be written.
func TestLastLine(t *testing.T) {
	d := drive(t, shop(t), Options{Stream: "cart-42"}, 80, 24)
	d.keys("xoops<enter>")
	if !d.m.failed || !strings.Contains(d.m.status, `"oops" changes nothing`) {
		t.Errorf("the last line says %q", d.m.status)
	}
	d.keys("B<up>")
	if d.m.prompt == nil || d.m.prompt.text != "" {
		t.Error("the line of another prompt is back")
	}
	d.keys("<esc>x<up>")
	if d.m.prompt == nil || d.m.prompt.text != "oops" {
		t.Error("the line is not back")
	}
}
