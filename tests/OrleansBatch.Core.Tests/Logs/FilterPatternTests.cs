using OrleansBatch.Core.Logs;
using OrleansBatch.Model;

namespace OrleansBatch.Core.Tests.Logs;

public sealed class FilterPatternTests
{
    [Theory]
    [InlineData(null, "anything")]
    [InlineData("", "anything")]
    [InlineData("  \t ", "anything")]
    [InlineData("ERROR", "an ERROR here")]
    [InlineData("here ERROR", "an ERROR here")]
    [InlineData("ERR", "an ERROR here")]
    [InlineData("\"an ERROR\"", "an ERROR here")]
    [InlineData("\"a \\\"quoted\\\" \\\\ word\"", "with a \"quoted\" \\ word")]
    [InlineData("-debug", "an ERROR here")]
    [InlineData("ERROR -\"over there\"", "an ERROR here")]
    [InlineData("?ERROR ?WARN", "an ERROR here")]
    [InlineData("?\"no such\" ?WARN", "a WARN")]
    [InlineData("größe", "die größe")]
    public void It_lets_a_line_through(string? pattern, string line) => Assert.True(FilterPattern.Parse(pattern).Matches(line));

    [Theory]
    [InlineData("error", "an ERROR here")]
    [InlineData("ERROR missing", "an ERROR here")]
    [InlineData("\"ERROR an\"", "an ERROR here")]
    [InlineData("-ERROR", "an ERROR here")]
    [InlineData("here -ERROR", "an ERROR here")]
    [InlineData("?WARN ?INFO", "an ERROR here")]
    [InlineData("?ERROR missing", "an ERROR here")]
    public void It_keeps_a_line_back(string pattern, string line) => Assert.False(FilterPattern.Parse(pattern).Matches(line));

    [Theory]
    [InlineData("{ $.a = 1 }", "not supported")]
    [InlineData("[a, b]", "not supported")]
    [InlineData("%a.*b%", "not supported")]
    [InlineData("word {x}", "not supported")]
    [InlineData("-{x}", "not supported")]
    [InlineData("\"open", "without an end")]
    [InlineData("\"open\\\"", "without an end")]
    [InlineData("\"\"", "empty phrase")]
    [InlineData("-", "without a word")]
    [InlineData("a ? b", "without a word")]
    public void What_it_cannot_be_is_refused_and_said(string pattern, string message)
    {
        var refused = Assert.Throws<LogsClientException>(() => FilterPattern.Parse(pattern));

        Assert.Equal("InvalidParameterException", refused.Code);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
        Assert.Contains("filterPattern", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_has_up_to_1024_characters()
    {
        Assert.True(FilterPattern.Parse(new('x', 1024)).Matches(new('x', 1024)));
        Assert.Contains("1025", Assert.Throws<LogsClientException>(() => FilterPattern.Parse(new('x', 1025))).Message, StringComparison.Ordinal);
    }
}
