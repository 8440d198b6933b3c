// Command costs draws where the time of a whole path goes, by function, from a CPU
// profile that it takes of itself:
//
//	go -C bench run ./cmd/costs -out ../docs/costs.svg
package main

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"image/color"
	"maps"
	"os"
	"runtime/pprof"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/seed-08fc7208/chatstream/bench"
	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

func main() {
	name := flag.String("workload", "openai-text", "`name` of the workload")
	alone := flag.Bool("alone", false, "its payloads alone, without framing and templates")
	out := flag.String("out", "costs.svg", "`file` to write")
	flag.Parse()
	if err := run(*name, *alone, *out, 5*time.Second); err != nil {
		fmt.Fprintln(os.Stderr, "costs:", err)
		os.Exit(1)
	}
}

func run(name string, alone bool, out string, length time.Duration) error {
	w := workload.Find(name)
	if w == nil {
		return fmt.Errorf("there is no workload %q", name)
	}
	costs, err := profiled(w, alone, length)
	if err != nil {
		return err
	}
	title := "Where the time goes, whole path, " + name
	if alone {
		title = "Where the time goes, Unmarshal, " + name
	}
	svg, err := bars(costs, title)
	if err != nil {
		return err
	}
	return os.WriteFile(out, svg, 0o666)
}

// cost is the share of the time, in percent, that was spent in a function itself.
type cost struct {
	function string
	share    float64
}

// profiled decodes the workload again and again, and returns the functions that took
// at least a hundredth of the time.
func profiled(w *workload.Workload, alone bool, length time.Duration) ([]cost, error) {
	newRunner := bench.NewStreamRunner
	if alone {
		newRunner = bench.NewPayloadRunner
	}
	runner := newRunner(w, subject.Find(subject.Ours))
	var b bytes.Buffer
	if err := pprof.StartCPUProfile(&b); err != nil {
		return nil, err
	}
	for start := time.Now(); time.Since(start) < length; {
		if _, err := runner.Pass(); err != nil {
			return nil, err
		}
	}
	pprof.StopCPUProfile()
	p, err := profile.Parse(&b)
	if err != nil {
		return nil, err
	}
	times, total := map[string]int64{}, int64(0)
	for _, s := range p.Sample {
		if len(s.Location) == 0 {
			continue
		}
		// The last line is that of the function in which others were inlined.
		lines := s.Location[0].Line
		times[lines[len(lines)-1].Function.Name] += s.Value[0]
		total += s.Value[0]
	}
	var costs []cost
	for _, function := range slices.Sorted(maps.Keys(times)) {
		if share := 100 * float64(times[function]) / float64(total); share >= 1 {
			costs = append(costs, cost{short(function), share})
		}
	}
	slices.SortStableFunc(costs, func(a, b cost) int { return cmp.Compare(a.share, b.share) })
	return costs, nil
}

// short is a function's name without the path of its package.
func short(function string) string {
	return strings.TrimPrefix(function[strings.LastIndex(function, "/")+1:], "chatstream.")
}

func bars(costs []cost, title string) ([]byte, error) {
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	plotter.DefaultFont = plot.DefaultFont
	p := plot.New()
	p.Title.Text = title + ": % of it in each function itself"
	p.BackgroundColor = color.White
	values, names := make(plotter.Values, len(costs)), make([]string, len(costs))
	for i, c := range costs {
		values[i], names[i] = c.share, c.function
	}
	chart, err := plotter.NewBarChart(values, vg.Points(14))
	if err != nil {
		return nil, err
	}
	chart.Horizontal = true
	chart.Color = color.RGBA{R: 0x1f, G: 0x5f, B: 0xa8, A: 0xff}
	chart.LineStyle.Width = 0
	p.Add(chart)
	p.NominalY(names...)
	p.X.Min = 0
	c := vgsvg.New(vg.Points(640), vg.Points(80+22*float64(len(costs))))
	p.Draw(draw.New(c))
	var b bytes.Buffer
	_, err = c.WriteTo(&b)
	return bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans"), []byte("font-family:Helvetica,Arial,Liberation Sans,sans-serif")), err
}
