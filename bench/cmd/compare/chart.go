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

// The two workloads, and the two ways to live, are told apart by form as well as by colour.
var (
	inkUsual = color.RGBA{R: 0x1f, G: 0x5f, B: 0xa8, A: 0xff}
	inkLife  = color.RGBA{R: 0xc4, G: 0x6a, B: 0x10, A: 0xff}
	inkFaint = color.RGBA{R: 0xdd, G: 0xdd, B: 0xdd, A: 0xff}
)

// chart draws the time per chunk, best of all rounds: above in life, below the whole path
// of one hot stream. The axis is logarithmic, which is why there are points and no bars:
// the length of a bar would say nothing.
func chart(r *report) ([]byte, error) {
	rows := fastestOnTop(r)
	if len(rows) == 0 {
		return nil, errors.New("the chart is of " + r.main[0] + ", which was left out")
	}
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	plotter.DefaultFont = plot.DefaultFont
	hot := newPanel("One hot stream: ns per chunk, logarithmic (less is better)", namesOf(rows))
	if err := hot.series(r.points(rows, r.main[0]), r.main[0], draw.CircleGlyph{}, inkUsual, vg.Points(9)); err != nil {
		return nil, err
	}
	if err := hot.series(r.points(rows, r.main[1]), r.main[1], draw.BoxGlyph{}, inkLife, vg.Points(-13)); err != nil {
		return nil, err
	}
	where := fmt.Sprintf("%s · %s · %s", r.machine.cpu, r.machine.goes, r.machine.date)
	if len(r.living) < 2 {
		hot.Title.Text = "Event stream to typed chunks. " + hot.Title.Text + "\n" + where
		return render(hot)
	}
	pushed, pulled := &r.living[0], &r.living[1]
	life := newPanel(fmt.Sprintf("Event stream to typed chunks. %d streams at a time: ns per chunk, logarithmic (less is better)\n%s",
		pushed.streams, where), pushed.names())
	if err := life.series(pushed.points(), "pushed", draw.CircleGlyph{}, inkUsual, vg.Points(9)); err != nil {
		return nil, err
	}
	if err := life.series(pulled.points(), "pulled", draw.BoxGlyph{}, inkLife, vg.Points(-13)); err != nil {
		return nil, err
	}
	life.X.Max = max(life.X.Max, hot.X.Max)
	hot.X.Max = life.X.Max // the same scale, so that they can be compared
	return render(life, hot)
}

// panel is a part of the chart with a row for each subject.
type panel struct {
	*plot.Plot
	rows int
}

// newPanel has rows of these names, the first one at the bottom.
func newPanel(title string, names []string) *panel {
	p := plot.New()
	// No label at the axis: the plotter would leave room for it as on a linear one.
	p.Title.Text = title
	p.Title.TextStyle.Font.Size = vg.Points(13)
	p.Title.Padding = vg.Points(8)
	p.X.Scale = plot.LogScale{}
	p.X.Tick.Marker = plot.LogTicks{Prec: -1}
	p.NominalY(names...)
	grid := plotter.NewGrid()
	grid.Horizontal.Color, grid.Vertical.Color = inkFaint, inkFaint
	p.Add(grid)
	p.Legend.Top = true
	p.Y.Min, p.Y.Max = -0.6, float64(len(names))-0.2
	p.X.Min, p.X.Max = 10, 30_000
	return &panel{p, len(names)}
}

func (p *panel) height() vg.Length { return vg.Points(90 + 34*float64(p.rows)) }

func namesOf(rows []*subject.Subject) (names []string) {
	for _, s := range rows {
		names = append(names, s.Name)
	}
	return names
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

// points are the times of one workload.
func (r *report) points(rows []*subject.Subject, w string) (at plotter.XYs) {
	for i, s := range rows {
		if x := r.find(w, s, wholePath); x != nil {
			at = append(at, plotter.XY{X: x.best(), Y: float64(i)})
		}
	}
	return at
}

// series adds points, each with its figure.
func (p *panel) series(at plotter.XYs, name string, shape draw.GlyphDrawer, ink color.Color, above vg.Length) error {
	if len(at) == 0 {
		return nil // not measured this time
	}
	var figures []string
	for _, x := range at {
		figures = append(figures, number(x.X))
		p.X.Max = max(p.X.Max, 2*x.X)
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
	p.Legend.Add(name, points)
	return nil
}

// render draws the panels one below the other.
func render(panels ...*panel) ([]byte, error) {
	const width = vg.Length(760)
	height := vg.Length(0)
	for _, p := range panels {
		height += p.height()
	}
	c := vgsvg.New(width, height)
	top := height
	for _, p := range panels {
		p.Draw(draw.Canvas{Canvas: c, Rectangle: vg.Rectangle{Min: vg.Point{Y: top - p.height()}, Max: vg.Point{X: width, Y: top}}})
		top -= p.height()
	}
	var b bytes.Buffer
	if _, err := c.WriteTo(&b); err != nil {
		return nil, err
	}
	// The font that the layout was made with is not on every machine.
	return bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans"), []byte("font-family:Helvetica,Arial,Liberation Sans,sans-serif")), nil
}
