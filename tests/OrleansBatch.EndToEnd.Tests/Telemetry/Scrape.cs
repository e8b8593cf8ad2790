using System.Globalization;

namespace OrleansBatch.EndToEnd.Tests.Telemetry;

/// <summary>One answer of <c>/metrics</c>, as Prometheus reads it.</summary>
internal sealed class Scrape
{
    private readonly Dictionary<string, string> _types = [];
    private readonly List<(string Name, string Labels, double Value)> _samples = [];

    private Scrape(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                var words = line.Split(' ');
                _types.Add(words[2], words[3]);
            }
            else if (line[0] != '#')
            {
                Add(line);
            }
        }
    }

    public static async Task<Scrape> OfAsync(Uri endpoint)
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(endpoint, "/metrics"));
        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
        return new(await answer.Content.ReadAsStringAsync());
    }

    /// <summary>A metric's type; null: there is none of that name.</summary>
    public string? TypeOf(string name) => _types.GetValueOrDefault(name);

    /// <summary>The sum of all samples of this name that have all these labels.</summary>
    public double Sum(string name, params string[] labels) =>
        _samples.Where(sample => sample.Name == name && labels.All(label => sample.Labels.Contains(label, StringComparison.Ordinal))).Sum(sample => sample.Value);

    /// <summary><c>name{label="value",…} value time</c>; the time may be missing.</summary>
    private void Add(string line)
    {
        var end = line.LastIndexOf('}') + 1;
        var (series, rest) = end > 0 ? (line[..end], line[end..]) : (line[..line.IndexOf(' ', StringComparison.Ordinal)], line[line.IndexOf(' ', StringComparison.Ordinal)..]);
        var brace = series.IndexOf('{', StringComparison.Ordinal);
        var value = rest.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        _samples.Add((brace < 0 ? series : series[..brace], brace < 0 ? "" : series[brace..], double.Parse(value, CultureInfo.InvariantCulture)));
    }
}
