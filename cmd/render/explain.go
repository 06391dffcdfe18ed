package render

import (
	"slices"
	"strconv"
	"strings"

	"asof/inspect/contrast"
)

// featuresShown bounds the features listed under a finding.
const featuresShown = 6

// explained prints what sets bad streams apart; x is nil if nobody asked.
func (p *Printer) explained(x *contrast.Explained) {
	if x == nil {
		return
	}
	p.byRelease(x)
	p.put(p.st.strong, "  "+explainedHead(x))
	p.endText()
	p.dim("    " + comparedText(x))
	p.endTextAt(4)
	for i := range x.Findings {
		p.shared(&x.Findings[i], x)
	}
}

// explainedHead is the answer in one line.
func explainedHead(x *contrast.Explained) safe {
	switch {
	case x.Compared() && len(x.Findings) > 0:
		return "what sets the bad streams apart:"
	case x.Compared():
		return "nothing sets the bad streams apart from the good ones"
	case x.Bad < contrast.Needs:
		return "too few bad streams to compare: " + number(int64(x.Bad)) + " of at least " + number(contrast.Needs)
	}
	return "no good stream is long enough to compare"
}

// comparedText says what was compared.
func comparedText(x *contrast.Explained) safe {
	s := "compared: the events up to the first bad one of " + part(int64(x.Bad), x.AllBad) + " bad, as many events of " + part(int64(x.Good), x.AllGood) + " good"
	var not []safe
	if x.Short > 0 {
		not = append(not, count(x.Short, "good is shorter", "good are shorter"))
	}
	if x.LeftOut > 0 {
		not = append(not, count(x.LeftOut, "good is left out to save memory", "good are left out to save memory"))
	}
	if x.Unmatched > 0 {
		not = append(not, count(int64(x.Unmatched), "bad is longer than any good", "bad are longer than any good"))
	}
	if x.Cut > 0 {
		not = append(not, count(x.Cut, "member is left out", "members are left out"))
	}
	for _, n := range not {
		s += "; " + n
	}
	if x.Compared() {
		s += "; " + count(x.Tried, "feature tried", "features tried")
	}
	return s
}

func part(n, of int64) safe {
	if n == of {
		return number(n)
	}
	return number(n) + " of " + number(of)
}

func (p *Printer) shared(f *contrast.Finding, x *contrast.Explained) {
	p.text("    ")
	p.put(p.st.strong, clean(f.Text()))
	p.endText()
	p.text("      " + number(int64(f.Bad)) + " of " + number(int64(x.Bad)) + " bad, " + number(int64(f.Good)) + " of " + number(int64(x.Good)) + " good")
	p.dim("; odds ratio " + statistic(f.Odds) + " (" + statistic(f.Low) + " to " + statistic(f.High) + "); by chance " + chance(f.P))
	p.endTextAt(8)
	p.features("those events:", f.Always, func(o contrast.Feature) safe { return clean(strings.TrimPrefix(o.Detail(), "with ")) })
	p.features("the same streams:", f.Same, func(o contrast.Feature) safe { return clean(o.Text()) })
	var near []contrast.Feature
	for _, n := range f.Near {
		near = append(near, n.Feature)
	}
	p.features("nearly the same:", near, func(o contrast.Feature) safe {
		n := f.Near[slices.Index(near, o)]
		return clean(o.Text()) + " (" + number(int64(n.Bad)) + " bad, " + number(int64(n.Good)) + " good)"
	})
}

// features lists features on one line.
func (p *Printer) features(head safe, all []contrast.Feature, text func(contrast.Feature) safe) {
	if len(all) == 0 {
		return
	}
	var parts []string
	for i, f := range all {
		if i == featuresShown {
			parts = append(parts, "… "+string(number(int64(len(all)-i)))+" more; --json lists all")
			break
		}
		parts = append(parts, string(text(f)))
	}
	p.text("      " + head + " ")
	p.dim(safe(strings.Join(parts, ", ")))
	p.endTextAt(8)
}

// statistic writes a number with two digits.
func statistic(f float64) safe {
	if f >= 10 && f < 1e15 {
		return number(int64(f + 0.5))
	}
	return safe(strconv.FormatFloat(f, 'g', 2, 64))
}

// chance writes a small probability as one in N.
func chance(p float64) safe {
	switch {
	case p <= 1e-9:
		return "less than 1 in a billion"
	case p < 0.01:
		return "1 in " + statistic(1/p)
	}
	return safe(strconv.FormatFloat(100*p, 'g', 2, 64)) + " %"
}

// byRelease groups first bad events by the release that was live.
func (p *Printer) byRelease(x *contrast.Explained) {
	if len(x.Releases) == 0 {
		return
	}
	p.text("  ")
	p.dim("first bad events by release, since " + clean(x.Releases[0].Name) + ":")
	p.endText()
	t := table{p: p, indent: 4, lookahead: groupsMost, cols: []column{{right: true}, {most: 40}, {}, {}}}
	for i, r := range x.Releases {
		if i == groupsMost {
			break
		}
		t.add(row{cells: []cell{
			{{paint{}, number(int64(r.Culprits))}},
			{{paint{}, clean(r.Name)}},
			{{p.st.dim, p.clock(r.At)}},
			{{p.st.dim, "of " + count(r.Streams, "stream it touched", "streams it touched")}},
		}})
	}
	t.end()
	if n := len(x.Releases) - groupsMost; n > 0 {
		p.pad(4)
		p.dim("… " + count(int64(n), "more release", "more releases"))
		p.endText()
	}
	if x.Before > 0 {
		p.pad(4)
		p.dim(count(x.Before, "is before the first release or without a time", "are before the first release or without a time"))
		p.endText()
	}
}
