//go:build unix

package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// report prints a Markdown table. A ratio compares a case with the first of its group:
// 2 means twice as long.
func report(w io.Writer, cases []*kase) {
	base := map[string]*kase{}
	for _, c := range cases {
		if base[c.group] == nil {
			base[c.group] = c
		}
	}
	t := tabwriter.NewWriter(w, 0, 0, 1, ' ', tabwriter.Debug)
	fmt.Fprintln(t, "\t median\t from – to\t µs an event\t ratio\t user CPU\t ratio\t peak memory\t")
	fmt.Fprintln(t, "---\t---:\t---:\t---:\t---:\t---:\t---:\t---:\t")
	for _, c := range cases {
		each, ratio, ratioCPU := "", "", ""
		walls, cpus := c.sorted(wall), c.sorted(cpu)
		if c.events > 0 {
			each = fmt.Sprintf("%.2f", float64(median(walls).Microseconds())/float64(c.events))
		}
		if first := base[c.group]; first != c {
			ratio, ratioCPU = times(c.against(first, wall)), times(c.against(first, cpu))
		}
		fmt.Fprintf(t, "%s\t %s\t %s – %s\t %s\t %s\t %s\t %s\t %d MB\t\n",
			c.name, shown(median(walls)), shown(walls[0]), shown(walls[len(walls)-1]),
			each, ratio, shown(median(cpus)), ratioCPU, c.peak/1e6)
	}
	_ = t.Flush()
}

func times(ratio float64, ok bool) string {
	if !ok {
		return ""
	}
	return fmt.Sprintf("%.2f", ratio)
}

func shown(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}
