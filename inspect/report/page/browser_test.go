package page

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"asof/inspect"
	"asof/inspect/inspecttest"
	"asof/replay"
)

// A reader has a browser. What the browser complains about fails the test, and so does a
// request that is not for a file.
type reader struct {
	t   *testing.T
	ctx context.Context
}

func browser(t *testing.T) *reader {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a browser")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("no Chromium is installed: .ci/chromium.sh installs it")
	}
	o := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WSURLReadTimeout(10*time.Minute))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), o...)
	t.Cleanup(cancel)
	ctx, closeTab := chromedp.NewContext(ctx)
	r := &reader{t, ctx}
	r.do(chromedp.Navigate("about:blank"))
	var wait sync.WaitGroup
	listening, stop := context.WithCancel(ctx)
	watch(listening, &wait, runtime.ExceptionThrown, func(e runtime.EventExceptionThrown) string {
		return "the page throws " + e.ExceptionDetails.Text
	}, t)
	watch(listening, &wait, runtime.ConsoleAPICalled, func(e runtime.EventConsoleAPICalled) string {
		return fmt.Sprintf("the page writes to the console: %v", e.Type)
	}, t)
	watch(listening, &wait, log.EntryAdded, func(e log.EventEntryAdded) string {
		return fmt.Sprintf("the browser says: %v: %s", e.Entry.Level, e.Entry.Text)
	}, t)
	watch(listening, &wait, page.JavascriptDialogOpening, func(e page.EventJavascriptDialogOpening) string {
		return "the page opens a dialog: " + e.Message
	}, t)
	watch(listening, &wait, network.RequestWillBeSent, func(e network.EventRequestWillBeSent) string {
		if strings.HasPrefix(e.Request.URL, "file://") || strings.HasPrefix(e.Request.URL, "about:") {
			return ""
		}
		return "the page asks for " + e.Request.URL
	}, t)
	t.Cleanup(func() {
		stop()
		wait.Wait()
		closeTab()
	})
	return r
}

// watch fails the test for each event that complaint has something to say about.
func watch[E any](ctx context.Context, wait *sync.WaitGroup, of cdp.Event[E], complaint func(E) string, t *testing.T) {
	events := chromedp.Events(ctx, of)
	wait.Go(func() {
		for e, err := range events {
			if err != nil {
				return
			}
			if text := complaint(e); text != "" {
				t.Error(text)
			}
		}
	})
}

func (r *reader) do(actions ...chromedp.Action[chromedp.Void]) {
	r.t.Helper()
	if err := chromedp.Do(r.ctx, actions...); err != nil {
		r.t.Fatal(err)
	}
}

// says evaluates an expression on the page.
func (r *reader) says(expression string) string {
	r.t.Helper()
	got, err := chromedp.Run(r.ctx, chromedp.Evaluate[string](expression))
	if err != nil {
		r.t.Fatal(err)
	}
	return got
}

// text is the text of an element.
func (r *reader) text(selector string) string {
	r.t.Helper()
	return r.says("document.querySelector(" + string(quoted(selector)) + ").textContent")
}

// waits waits until an expression is true: a page learns of a link some time after it was
// chosen.
func (r *reader) waits(what, expression string) {
	r.t.Helper()
	if _, err := chromedp.Run(r.ctx, chromedp.Poll[bool](expression)); err != nil {
		r.t.Errorf("%s: %v", what, err)
	}
}

// open goes to a page and waits until its script has read the history.
func (r *reader) open(url string) {
	r.t.Helper()
	r.do(chromedp.Navigate(url))
	const patience = time.Minute
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		// An error is that the browser is between two pages.
		live, err := chromedp.Run(r.ctx, chromedp.Evaluate[bool](`document.documentElement.classList.contains("live")`))
		if err == nil && live {
			return
		}
		if time.Since(begin) > patience {
			r.t.Fatalf("the page does not step: %v", err)
		}
	}
}

// fileOf writes a page and returns its address.
func fileOf(t *testing.T, html string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte(html), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file://" + filepath.ToSlash(path)
}

// readTree reads the state from what the page shows, with sorted members.
const readTree = `(() => {
  const read = li => {
    const row = li.querySelector(':scope > .row'), sum = row.querySelector('.sum');
    if (!sum) return row.querySelector('.str, .num, .lit').textContent;
    const text = sum.textContent, kids = Array.from(li.querySelectorAll(':scope > ul > li'));
    if (text === '{}' || text === '[]') return text;
    if (text === '[') return '[' + kids.map(read).join() + ']';
    if (text !== '{') throw new Error('closed: ' + text);
    const members = kids.map(k => [k.querySelector(':scope > .row .name').textContent, read(k)]);
    members.sort((a, b) => a[0] < b[0] ? -1 : 1);
    return '{' + members.map(m => JSON.stringify(m[0]) + ':' + m[1]).join() + '}';
  };
  return read(document.querySelector('#tree > ul > li'));
})()`

// TestBrowserAgrees steps through pages in a browser: what is shown at each event is what
// replay answers.
func TestBrowserAgrees(t *testing.T) {
	b := browser(t)
	for seed := range 4 {
		script := []string{inspecttest.InPlace, inspecttest.Anew, ""}[seed%3]
		s := inspecttest.SubjectOf(t, inspecttest.Histories(25).Example(seed), script)
		head := int(inspecttest.MomentAt(t, s, replay.Head()).Version())
		from := seed % (head + 1) / 2
		i := inspecttest.Between(s, from, head)
		b.open(fileOf(t, pageOf(t, reportOf(t, s, i), Options{})))
		b.do(chromedp.KeyEvent(kb.Home))
		for n := from; n <= head; n++ {
			r, err := inspect.Replay(t.Context(), s, inspecttest.Between(s, from, n).To)
			if err != nil {
				t.Fatal(err)
			}
			got, current := b.says(readTree), b.says(`document.querySelector('#events [aria-current]').id`)
			if want := jsonOf(r.State); got != want {
				t.Fatalf("seed %d: at %d the page shows %s, replay says %s", seed, n, got, want)
			}
			if want := fmt.Sprintf("at=%d", n); n > from && current != want {
				t.Fatalf("the list is at %s, the slider at %s", current, want)
			}
			b.do(chromedp.KeyEvent(kb.ArrowRight))
		}
	}
}

// TestBrowserIsUsed goes through the page as a reader does.
func TestBrowserIsUsed(t *testing.T) {
	b := browser(t)
	lines := []string{`Put {"total": 0.10, "items": [{"sku": "a", "qty": 9007199254740993}]}`, `Put {"total": 2}`, `Put {"note": "x"}`, `Put {"total": null}`}
	s := inspecttest.SubjectOf(t, lines, "")
	url := fileOf(t, pageOf(t, reportOf(t, s, inspecttest.Between(s, 0, 4)), Options{}))
	check := func(what, got, want string) {
		t.Helper()
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q does not have %q", what, got, want)
		}
	}
	b.open(url + "#at=2&path=/total")
	check("a link", b.text("#where"), "2 of 4")
	check("the state", b.text("#tree"), "9007199254740993")
	check("the history", b.text("#field-list"), "0.10 → 2")
	b.do(chromedp.KeyEvent("{"))
	check("the change before", b.text("#where"), "1 of 4")
	check("a number", b.text("#tree"), "0.10")
	b.do(chromedp.KeyEvent("a"), chromedp.KeyEvent(kb.End), chromedp.KeyEvent("b"))
	check("a difference", b.text("#compare-list"), `/note "x"`)
	b.do(chromedp.Click(chromedp.CSS(`#tree a[href^="#at=3"]`)))
	b.waits("the gutter", `document.querySelector("#where").textContent.startsWith("3 of 4")`)
	b.do(chromedp.KeyEvent("/"), chromedp.SendKeys(chromedp.CSS("#find"), "note"))
	check("the filter", b.text("#count"), "1 of 4")
	b.says(`(document.activeElement.blur(), "")`)
	b.do(chromedp.KeyEvent("u"))
	check("the zone", b.text("#zone-name"), "the time of this computer")
	check("the zones", b.says(`Array.from(document.querySelectorAll("#zone option")).map(o => o.textContent).join()`), "UTC,this computer")
	b.waits("the address keeps the place", `location.hash === '#at=3&path=%2Ftotal'`)
	// The page writes the address of the place before, after the reader chose a link and
	// before its script learns of that.
	b.says(`(location.hash = "#at=1", history.replaceState(null, "", "#at=3"), "")`)
	b.waits("a link right after a step", `document.querySelector("#where").textContent.startsWith("1 of 4")`)
	b.do(chromedp.Navigate("about:blank"))
	b.open(url + "#at=99")
	check("a wrong link", b.text("#damage"), "no event 99")
}

func quoted(s string) []byte {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return b
}

// TestBrowserIsNotHarmed opens pages of hostile stores.
func TestBrowserIsNotHarmed(t *testing.T) {
	b := browser(t)
	r := hostileReport(t)
	b.open(fileOf(t, pageOf(t, r, Options{})))
	b.do(chromedp.KeyEvent(kb.ArrowLeft))
	if got := b.says(`Array.from(document.querySelectorAll('img, iframe, object, link, base, [onerror], a[href^=javascript]')).map(e => e.outerHTML).join()`); got != "" {
		t.Errorf("the page has %s", got)
	}
	deep := strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000)
	lines := []string{
		`Put {"long": "` + strings.Repeat("x<", 1<<19) + `"}`, `Put {"deep": ` + deep + `}`,
		`Put {"wide": [` + strings.Repeat(`{"n":1},`, 100_000) + `1]}`, `Put {"__proto__": {"x": 1}, "constructor": 2, "toString": 3}`,
	}
	s := inspecttest.SubjectOf(t, lines, "")
	b.open(fileOf(t, pageOf(t, reportOf(t, s, inspecttest.Between(s, 0, 4)), Options{})))
	for _, key := range []string{kb.Home, kb.ArrowRight, kb.ArrowRight, kb.ArrowRight, kb.ArrowRight, "a", kb.Home, "b"} {
		b.do(chromedp.KeyEvent(key))
	}
	b.do(chromedp.KeyEvent(kb.End))
	shown, damage := b.text("#tree"), b.text("#damage")
	for _, want := range []string{"100,001 elements", "more characters", "__proto__", "constructor"} {
		if !strings.Contains(shown, want) {
			t.Errorf("the page shows %.2000q without %q", shown, want)
		}
	}
	if damage != "" {
		t.Error(damage)
	}
}

// TestWithoutScripts: the page is whole without scripts, and on paper.
func TestWithoutScripts(t *testing.T) {
	b := browser(t)
	s := inspecttest.SubjectOf(t, []string{`Put {"total": 1}`, `Put {"total": -2}`}, "")
	r := reportOf(t, s, inspecttest.Between(s, 0, 2))
	url := fileOf(t, pageOf(t, r, Options{}))
	set := func(off bool) chromedp.Action[chromedp.Void] {
		return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: off})
			return err
		})
	}
	b.do(set(true), chromedp.Navigate(url), set(false))
	// The script of the page has not run; those of the test do again.
	shown := `Array.from(document.querySelectorAll("#events ul li, #events code, #bar, #side, #filter, #damage")).filter(e => e.checkVisibility()).map(e => e.tagName + "." + e.className).join()`
	if got, want := b.says(shown), "CODE.,LI.a,CODE.,LI."; got != want {
		t.Errorf("without scripts the page shows %s, want %s", got, want)
	}
	b.open(url)
	pdf, err := chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) (page.PrintToPDFResult, error) {
		return cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{})
	})
	if err != nil || len(pdf.Data) < 1000 {
		t.Errorf("the page prints as %d bytes: %v", len(pdf.Data), err)
	}
}
