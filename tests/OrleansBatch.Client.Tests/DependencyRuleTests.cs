namespace OrleansBatch.Client.Tests;

public sealed class DependencyRuleTests
{
    [Fact]
    public void The_console_refers_to_contracts_words_and_certificates_alone() => Assert.Equal(
        ["OrleansBatch.Certificates", "OrleansBatch.GrainInterfaces", "OrleansBatch.Model"],
        typeof(ConsoleProgram).Assembly.GetReferencedAssemblies().Select(reference => reference.Name!).Where(name => name.StartsWith("OrleansBatch", StringComparison.Ordinal)).Order());
}
