package page

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"asof/inspect/inspecttest"
	"asof/inspect/report"
	"asof/replay"
)

// unreadable lists the texts of a page whose contrast is below that of WCAG AA, by the
// colors that the browser computes, and what is wider than the page.
const unreadable = `(() => {
  const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3]));
  const lum = c => [0.2126, 0.7152, 0.0722].reduce((sum, w, i) => {
    const v = c[i] / 255;
    return sum + w * (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  }, 0);
  const base = parse(getComputedStyle(document.body).backgroundColor);
  const behind = e => e === null ? base : over(parse(getComputedStyle(e).backgroundColor), behind(e.parentElement));
  const out = new Set();
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const e = n.parentElement;
    if (n.data.trim() === '' || /^(SCRIPT|STYLE|OPTION)$/.test(e.tagName) || !e.checkVisibility({visibilityProperty: true})) continue;
    const s = getComputedStyle(e), size = parseFloat(s.fontSize);
    if (size === 0) continue;
    const under = behind(e), a = lum(over(parse(s.color), under)), b = lum(under);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = size >= 24 || size >= 18.66 && Number(s.fontWeight) >= 700;
    if (ratio < (large ? 3 : 4.5)) out.add(e.tagName + '.' + e.className + ' ' + s.color + ' on ' + under + ': ' + ratio.toFixed(2));
  }
  if (document.documentElement.scrollWidth > innerWidth) out.add('the page is ' + document.documentElement.scrollWidth + ' wide, the window ' + innerWidth);
  return Array.from(out).join('\n');
})()`

// incident is a page with all of its parts.
func incident(t *testing.T) string {
	t.Helper()
	lines := []string{
		`Put {"total": 10.20, "items": [{"sku": "cups", "qty": 6}], "note": "` + strings.Repeat("long ", 100) + `"}`,
		`Put {"total": 2, "customer": "c-1"}`, `Put {"total": -2.40, "note": null, "a-very-long-member-name-` + strings.Repeat("x", 90) + `": true}`,
	}
	s := inspecttest.SubjectOf(t, lines, "")
	r := reportOf(t, s, inspecttest.Between(s, 0, len(lines)))
	r.Note = "# What happened\n\nThe total is `negative`.\n\n> a quote\n\n- one\n- two\n\n```\ncode\n```"
	r.Remarks, r.Withheld = []string{"a remark"}, []string{"/data/email"}
	r.Marks = []report.Mark{{Moment: inspecttest.MomentAt(t, s, replay.AtVersion(1)), Name: "the beginning", State: r.Opening}, {Moment: inspecttest.MomentAt(t, s, replay.Head()), Name: "the end", State: r.Closing}}
	return pageOf(t, r, Options{})
}

// TestPageIsReadable measures the contrast of every text, and that nothing is wider than
// the window, on a desk and on a phone, in the light and in the dark, with scripts and
// before them, and on paper. ASOF_SHOTS names a folder for pictures to look at.
func TestPageIsReadable(t *testing.T) {
	b := browser(t)
	url := fileOf(t, incident(t))
	shots := os.Getenv("ASOF_SHOTS")
	for _, width := range []int64{1280, 390} {
		for _, scheme := range []string{"light", "dark"} {
			b.do(b.look(width, scheme, "screen"))
			b.do(chromedp.Navigate("about:blank"))
			b.open(url + "#at=2&path=/total")
			name := fmt.Sprintf("%d-%s", width, scheme)
			for i, keys := range []string{"", kb.End, "?"} {
				if keys != "" {
					b.do(chromedp.KeyEvent(keys))
				}
				if bad := b.says(unreadable); bad != "" {
					t.Errorf("%s after %q:\n%s", name, keys, bad)
				}
				if shots != "" {
					b.shoot(filepath.Join(shots, fmt.Sprintf("%s-%d.png", name, i)))
				}
			}
			b.says(`(document.querySelector("dialog").close(), document.documentElement.classList.remove("live"), ["bar", "side", "filter"].forEach(n => { document.getElementById(n).hidden = true; }), "")`)
			if bad := b.says(unreadable); bad != "" {
				t.Errorf("%s without scripts:\n%s", name, bad)
			}
			b.do(b.look(width, scheme, "print"))
			if bad := b.says(unreadable); bad != "" {
				t.Errorf("%s on paper:\n%s", name, bad)
			}
			if bad := b.says(folded); bad != "" {
				t.Errorf("%s on paper has no state at %s", name, bad)
			}
		}
	}
}

// folded names a marked point whose state is not shown.
const folded = `Array.from(document.querySelectorAll("#points details")).filter(d => !d.querySelector("pre").checkVisibility({contentVisibilityAuto: true})).map(d => d.textContent)[0] || ""`

// look makes the browser as wide as a device, with its scheme and medium.
func (r *reader) look(width int64, scheme, medium string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
			Width: width, Height: 900, DeviceScaleFactor: 1, Mobile: width < 600,
		}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	})
}

// shoot takes a picture of the whole page.
func (r *reader) shoot(path string) {
	r.t.Helper()
	shot, err := chromedp.Run(r.ctx, func(ctx context.Context, t *chromedp.Target) (page.CaptureScreenshotResult, error) {
		return cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{})
	})
	if err == nil {
		err = os.WriteFile(path, shot.Data, 0o600)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}
