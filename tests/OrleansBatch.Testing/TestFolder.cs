namespace OrleansBatch.Testing;

/// <summary>An empty folder of a test's own, gone when it is disposed.</summary>
public sealed class TestFolder(string name) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory($"orleansbatch-{name}-");

    /// <summary>The path of a file in it.</summary>
    public string this[string file] => Path.Combine(_folder.FullName, file);

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
