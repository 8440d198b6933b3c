package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/seed-08fc7208/chatstream/bench/subject"
)

// The two workloads are told apart by form as well as by colour.
var (
	inkUsual = color.RGBA{R: 0x1f, G: 0x5f, B: 0xa8, A: 0xff}
	inkLife  = color.RGBA{R: 0xc4, G: 0x6a, B: 0x10, A: 0xff}
	inkFaint = color.RGBA{R: 0xdd, G: 0xdd, B: 0xdd, A: 0xff}
)

// chart draws the time per chunk of the whole path, best of all rounds. The axis
// is logarithmic, which is why there are points and no bars: the length of a bar
// would say nothing.
func chart(r *report) ([]byte, error) {
	rows := fastestOnTop(r)
	if len(rows) == 0 {
		return nil, errors.New("the chart is of " + r.main[0] + ", which was left out")
	}
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	plotter.DefaultFont = plot.DefaultFont
	p := plot.New()
	// No label at the axis: the plotter would leave room for it as on a linear one.
	p.Title.Text = fmt.Sprintf("Event stream to typed chunks: ns per chunk, logarithmic (less is better)\n%s · %s · %s",
		r.machine.cpu, r.machine.goes, r.machine.date)
	p.Title.TextStyle.Font.Size = vg.Points(13)
	p.Title.Padding = vg.Points(8)
	p.X.Scale = plot.LogScale{}
	p.X.Tick.Marker = plot.LogTicks{Prec: -1}
	names := make([]string, len(rows))
	for i, s := range rows {
		names[i] = s.Name
	}
	p.NominalY(names...)
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = inkFaint, inkFaint
	p.Add(grid)
	if err := series(p, r, rows, r.main[0], draw.CircleGlyph{}, inkUsual, vg.Points(9)); err != nil {
		return nil, err
	}
	if err := series(p, r, rows, r.main[1], draw.BoxGlyph{}, inkLife, vg.Points(-13)); err != nil {
		return nil, err
	}
	p.Legend.Top = true
	p.Y.Min, p.Y.Max = -0.6, float64(len(rows))-0.2
	slowest := max(r.find(r.main[0], rows[0], wholePath).best(), 15_000)
	p.X.Min, p.X.Max = 10, 2*slowest
	return render(p, vg.Points(760), vg.Points(90+34*float64(len(rows))))
}

// fastestOnTop are the subjects that end in a chunk; rows are drawn upwards.
func fastestOnTop(r *report) (rows []*subject.Subject) {
	usual := func(s *subject.Subject) float64 { return r.find(r.main[0], s, wholePath).best() }
	for _, s := range r.subjects {
		typed := !slices.Contains(s.Blind, subject.Content)
		if typed && r.find(r.main[0], s, wholePath) != nil {
			rows = append(rows, s)
		}
	}
	slices.SortStableFunc(rows, func(a, b *subject.Subject) int { return cmp.Compare(usual(b), usual(a)) })
	return rows
}

// series adds the points of one workload, each with its figure.
func series(p *plot.Plot, r *report, rows []*subject.Subject, w string, shape draw.GlyphDrawer, ink color.Color, above vg.Length) error {
	var at plotter.XYs
	var figures []string
	for i, s := range rows {
		if x := r.find(w, s, wholePath); x != nil {
			at = append(at, plotter.XY{X: x.best(), Y: float64(i)})
			figures = append(figures, number(x.best()))
		}
	}
	if len(at) == 0 {
		return nil // not measured this time
	}
	points, err := plotter.NewScatter(at)
	if err != nil {
		return err
	}
	points.GlyphStyle = draw.GlyphStyle{Color: ink, Radius: vg.Points(4), Shape: shape}
	labels, err := plotter.NewLabels(plotter.XYLabels{XYs: at, Labels: figures})
	if err != nil {
		return err
	}
	for i := range labels.TextStyle {
		labels.TextStyle[i].Color = ink
		labels.TextStyle[i].XAlign = draw.XCenter
	}
	labels.Offset.Y = above
	p.Add(points, labels)
	p.Legend.Add(w, points)
	return nil
}

func render(p *plot.Plot, width, height vg.Length) ([]byte, error) {
	c := vgsvg.New(width, height)
	p.Draw(draw.New(c))
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return nil, err
	}
	// The font that the layout was made with is not on every machine.
	return bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans"), []byte("font-family:Helvetica,Arial,Liberation Sans,sans-serif")), nil
}
