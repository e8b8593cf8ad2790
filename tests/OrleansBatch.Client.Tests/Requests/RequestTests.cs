using Microsoft.Extensions.Time.Testing;
using OrleansBatch.Client.Output;
using OrleansBatch.Client.Requests;

namespace OrleansBatch.Client.Tests.Requests;

public sealed class RequestTests
{
    private static readonly FakeTimeProvider Noon = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("make", "make")]
    [InlineData("/usr/bin/python3.12", "python3-12")]
    [InlineData("./-_run me!", "run-me-")]
    [InlineData("...", "job")]
    public void A_job_is_named_after_its_command(string program, string name) => Assert.Equal(name, JobNames.Of([program, "argument"], "shell"));

    [Theory]
    [InlineData("shell:3", "shell")]
    [InlineData("arn:aws:batch:us-east-1:123456789012:job-definition/shell:3", "shell")]
    public void Or_after_its_definition(string definition, string name) => Assert.Equal(name, JobNames.Of(null, definition));

    [Fact]
    public void A_job_s_name_is_never_too_long() => Assert.Equal(128, JobNames.Of([new string('a', 300)], "shell").Length);

    [Theory]
    [InlineData("90", 90)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    [InlineData("1d", 86400)]
    public void A_duration_has_a_unit_or_is_in_seconds(string text, int seconds) => Assert.Equal(seconds, Moments.Duration("--timeout", text).TotalSeconds);

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("-1")]
    [InlineData("5w")]
    [InlineData("99999999d")]
    public void Any_other_text_is_no_duration(string text) => Assert.Throws<UsageException>(() => Moments.Duration("--timeout", text));

    [Theory]
    [InlineData("2h", "2026-03-01T10:00:00Z")]
    [InlineData("2026-02-28", "2026-02-28T00:00:00Z")]
    [InlineData("2026-02-28T14:30", "2026-02-28T14:30:00Z")]
    [InlineData("2026-02-28T14:30+02:00", "2026-02-28T12:30:00Z")]
    public void A_time_is_an_age_or_a_date(string text, string expected) => Assert.Equal(
        DateTimeOffset.Parse(expected, System.Globalization.CultureInfo.InvariantCulture),
        Moments.Time("--after", text, Noon).ToUniversalTime());

    [Theory]
    [InlineData(0, "10:05:07")]
    [InlineData(-24, "2026-02-28 10:05")]
    public void A_time_of_today_is_shown_without_its_day(int hours, string shown) => Assert.Equal(
        shown,
        Texts.Time(new DateTimeOffset(2026, 3, 1, 10, 5, 7, TimeSpan.Zero).AddHours(hours).ToUnixTimeMilliseconds(), Noon));

    [Fact]
    public void Pairs_are_split_at_their_first_equals_sign() =>
        Assert.Equal([KeyValuePair.Create("A", "b=c"), KeyValuePair.Create("B", "")], Pairs.Split("--env", ["A=x", "A=b=c", "B="]));
}
